package bench

import (
	"context"
	"fmt"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTmpChain(t *testing.T) {
	dir := os.Getenv("WW_APP_RUN")
	if dir == "" {
		t.Skip("x")
	}
	ctx := context.Background()
	peer, err := localbus.Join(ctx, localbus.Options{Dir: dir, App: filepath.Base(dir), Component: "bench", Role: localbus.RoleClient})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c := turn.Client{Bus: peer}
	text := strings.Repeat("x", 1024)
	once, done, err := RawRing(ctx, self, shortDir(t), 3, 1300)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	sess := turn.NewSession()
	row, err := Compare(ctx, Pair{Raw: once, Ours: func() error {
		_, err := c.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: sess, Text: text, To: "in"}, turn.Follow{})
		return err
	}}, 7, 400*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%+v\n", row)
}
