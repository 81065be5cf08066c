package kit

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/theme"
)

// Hints are the enabled bindings as "key what", joined, in at most w columns. Whole hints are left out, the last
// ones first.
func Hints(t *theme.Theme, bindings []key.Binding, w int) string {
	var b strings.Builder
	used, sep := 0, " "+t.Marks.Dot+" "
	for _, k := range bindings {
		if !k.Enabled() || k.Help().Desc == "" {
			continue
		}
		name := t.Text(k.Help().Key)
		n := Width(name) + 1 + Width(k.Help().Desc)
		if used > 0 {
			n += Width(sep)
		}
		if used+n > w {
			break
		}
		if used > 0 {
			b.WriteString(t.Dim.Paint(sep))
		}
		b.WriteString(name + " " + t.Dim.Paint(k.Help().Desc))
		used += n
	}
	return b.String()
}
