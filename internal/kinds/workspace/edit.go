package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// change is one replacement.
type change struct {
	old, new string
	all      bool
}

// apply makes a replacement in a text; check is the text in which it is looked for.
func (c change) apply(path, check, text string) (string, int, error) {
	switch n := strings.Count(check, c.old); {
	case c.old == "" || c.old == c.new:
		return "", 0, errSame(path)
	case n == 0:
		return "", 0, errNotFound(path)
	case n > 1 && !c.all:
		return "", 0, errSeveral(path, n)
	default:
		return strings.ReplaceAll(text, c.old, c.new), n, nil
	}
}

func (j *job) edit() (string, error) {
	old, err := j.text("old_string")
	if err != nil {
		return "", err
	}
	fresh, err := j.text("new_string")
	if err != nil {
		return "", err
	}
	return j.change([]change{{old, fresh, j.flag("replace_all")}}, false)
}

func (j *job) multiEdit() (string, error) {
	list, ok := j.in["edits"].([]any)
	if !ok || len(list) == 0 {
		return "", errInput("edits", "a list of {old_string, new_string, replace_all?}")
	}
	var all []change
	for i, x := range list {
		e, _ := x.(map[string]any)
		old, ok1 := e["old_string"].(string)
		fresh, ok2 := e["new_string"].(string)
		if !ok1 || !ok2 {
			return "", fmt.Errorf("edit %d has no old_string or no new_string", i+1)
		}
		again, _ := e["replace_all"].(bool)
		all = append(all, change{old, fresh, again})
	}
	return j.change(all, true)
}

// change makes all replacements or none. Each must fit the file as it was.
func (j *job) change(all []change, keep bool) (string, error) {
	n := 0
	err := j.within("file_path", func(root *os.Root, p string) error {
		b, err := load(root, p)
		if err != nil {
			return err
		}
		was, shown := string(b), filepath.ToSlash(p)
		text := was
		for i, c := range all {
			var k int
			if text, k, err = c.apply(shown, was, text); err != nil {
				if len(all) > 1 {
					return fmt.Errorf("edit %d: %w; nothing was changed", i+1, err)
				}
				return err
			}
			n += k
		}
		if keep {
			if _, err := j.backup(); err != nil {
				return err
			}
		}
		return save(root, p, []byte(text))
	})
	if err != nil {
		return "", err
	}
	if n == 1 {
		return "1 replacement was made", nil
	}
	return fmt.Sprintf("%d replacements were made", n), nil
}
