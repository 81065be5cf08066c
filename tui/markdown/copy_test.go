package markdown

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCodeIsCopiedAsItIsDrawn(t *testing.T) {
	t.Parallel()
	got := Code(answer + "\n- ~~~\n  \tin an item\n\n  ~~~\n```\nwithout an end  ")
	want := []string{
		"func main() { fmt.Println(\"| no | table |\") }\n",
		"if x; then\n  go install ./...\nfi\n",
		"ww dev\n",
		"```\nnot the end\n```\n",
		"\tin an item\n\n",
		"without an end  \n",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := Code("no `code` here\n```"); got != nil {
		t.Errorf("%q", got)
	}
}
