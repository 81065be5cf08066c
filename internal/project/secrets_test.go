package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/project"
)

func TestSecretsAreThoseOfPropertiesAndOfVariablesWhoseNameSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.ww")
	src := `in = input command_line { to: bot }
bot = custom process { command: ["true"], env: { SERVICE_TOKEN: "of-a-key", PLAIN: "plain", NESTED: $WORD }, config: { list: [$MY_SECRET] } }
`
	for name, text := range map[string]string{file: src, filepath.Join(dir, ".env"): "MY_SECRET=of-dotenv\nWORD=shown\nOTHER_KEY=unused\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, problems := project.Load(file, func(string) (string, bool) { return "", false })
	if len(p.Components) == 0 {
		t.Fatalf("%v", problems)
	}
	got := p.Secrets([]string{"HOME=/h", "AWS_SECRET_ACCESS_KEY=of-environ", "EMPTY_KEY=", "PATH=x"})
	want := []string{"of-a-key", "of-dotenv", "of-environ", "unused"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("secrets (-want +got):\n%s", d)
	}
}
