package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// never are the directories that are not entered, whoever names what is above them.
var never = []string{".ww", ".woodwork", ".git", "node_modules", "__pycache__", ".venv"}

// walk visits the regular files below a directory, but for those that .gitignore names.
func walk(root string, file func(string)) {
	tree(root, file, func(string) {})
}

// walkDirs visits the directory and those below it, but for those that .gitignore names.
func walkDirs(root string, dir func(string)) {
	tree(root, func(string) {}, dir)
}

// Files visits the regular files below root, which lies below top, but for those that a .gitignore from top on names.
func Files(top, root string, file func(string)) {
	var rules ignored
	rel, err := filepath.Rel(top, root)
	if err != nil || !filepath.IsLocal(rel) {
		tree(root, file, func(string) {})
		return
	}
	for at, names := ".", strings.Split(filepath.ToSlash(rel), "/"); len(names) > 0 && rel != "."; names = names[1:] {
		rules.read(filepath.Join(top, at), at)
		at = filepath.Join(at, names[0])
	}
	rules.tree(top, root, file, func(string) {})
}

func tree(root string, file, dir func(string)) {
	var rules ignored
	rules.tree(root, root, file, dir)
}

// tree visits what is below root; the rules, and those that are found on the way, are about paths below top.
func (r *ignored) tree(top, root string, file, dir func(string)) {
	rules := *r
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what cannot be entered is not watched
		}
		rel, _ := filepath.Rel(top, path) // below it
		if path != root && (rules.match(rel, d.IsDir()) || d.IsDir() && slices.Contains(never, d.Name())) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			rules.read(path, rel)
			dir(path)
			return nil
		}
		if d.Type().IsRegular() {
			file(path)
		}
		return nil
	})
}

// ignored are the rules of the .gitignore files on the way down, the deeper ones last.
type ignored []ignoreRule

type ignoreRule struct {
	re   *regexp.Regexp // over the path below the root
	not  bool
	dirs bool
}

func (r *ignored) read(dir, rel string) {
	b, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		if rule, ok := parseRule(strings.TrimRight(line, "\r\n"), rel); ok {
			*r = append(*r, rule)
		}
	}
}

// parseRule understands a line of a .gitignore that lies in the directory rel.
func parseRule(line, rel string) (ignoreRule, bool) {
	line = strings.TrimRight(line, " ")
	if line == "" || line[0] == '#' {
		return ignoreRule{}, false
	}
	var rule ignoreRule
	line, rule.not = strings.CutPrefix(line, "!")
	line = strings.TrimPrefix(line, `\`)
	line, rule.dirs = strings.CutSuffix(line, "/")
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	prefix := ""
	if rel != "." {
		prefix = regexp.QuoteMeta(filepath.ToSlash(rel)) + "/"
	}
	if !anchored {
		prefix += "(?:.*/)?"
	}
	re, err := regexp.Compile("^" + prefix + glob(line) + "$")
	if err != nil {
		return ignoreRule{}, false
	}
	rule.re = re
	return rule, true
}

// glob is a pattern of .gitignore as a regular expression.
func glob(p string) string {
	var b strings.Builder
	for len(p) > 0 {
		switch {
		case strings.HasPrefix(p, "**/"):
			b.WriteString("(?:.*/)?")
			p = p[3:]
		case strings.HasPrefix(p, "**"):
			b.WriteString(".*")
			p = p[2:]
		case p[0] == '*':
			b.WriteString("[^/]*")
			p = p[1:]
		case p[0] == '?':
			b.WriteString("[^/]")
			p = p[1:]
		case p[0] == '[' && strings.IndexByte(p, ']') > 1:
			end := strings.IndexByte(p, ']')
			b.WriteString(strings.Replace(p[:end+1], "[!", "[^", 1))
			p = p[end+1:]
		default:
			b.WriteString(regexp.QuoteMeta(p[:1]))
			p = p[1:]
		}
	}
	return b.String()
}

// match reports whether the last rule that knows the path ignores it.
func (r ignored) match(rel string, dir bool) bool {
	rel = filepath.ToSlash(rel)
	for _, rule := range slices.Backward(r) {
		if (dir || !rule.dirs) && rule.re.MatchString(rel) {
			return !rule.not
		}
	}
	return false
}
