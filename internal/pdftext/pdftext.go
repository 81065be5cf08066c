// Package pdftext reads the text out of a PDF. It takes what most programs write: text in fonts that say which letters their
// codes are. It draws nothing, and of a broken file it takes what can be found.
package pdftext

import (
	"errors"
	"fmt"
	"strings"
)

var (
	errNoPDF     = errors.New("not a PDF")
	errEncrypted = errors.New("it is encrypted")
	errNoPages   = errors.New("no pages are found in it")
)

// The bounds of what is read, so that no file takes for ever.
const (
	maxDepth  = 32       // of things within things
	maxStream = 64 << 20 // bytes of a stream that is unpacked
	maxText   = 64 << 20 // bytes of text
	maxPages  = 100_000
)

// Text returns the text of a PDF, page by page.
func Text(raw []byte) (text string, err error) {
	defer func() {
		if v := recover(); v != nil { // a file may be wrong in any way
			text, err = "", fmt.Errorf("it is broken: %v", v)
		}
	}()
	f, err := open(raw)
	if err != nil {
		return "", err
	}
	pages := f.pages()
	if len(pages) == 0 {
		return "", errNoPages
	}
	var out strings.Builder
	for _, p := range pages {
		w := writer{f: f, fonts: map[any]*font{}, out: &out}
		w.page(p)
		out.WriteString("\n\n")
		if out.Len() > maxText {
			break
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// page is a page with what it takes over from those above it.
type page struct {
	contents  any
	resources dict
}

// pages are the pages in order.
func (f *file) pages() []page {
	var all []page
	seen := map[ref]bool{}
	var walk func(v any, resources dict, depth int)
	walk = func(v any, resources dict, depth int) {
		if r, ok := v.(ref); ok {
			if seen[r] {
				return
			}
			seen[r] = true
		}
		d, ok := f.resolve(v).(dict)
		if !ok || depth > maxDepth || len(all) >= maxPages {
			return
		}
		if own, ok := f.resolve(d["Resources"]).(dict); ok {
			resources = own
		}
		if kids, ok := f.resolve(d["Kids"]).([]any); ok {
			for _, k := range kids {
				walk(k, resources, depth+1)
			}
			return
		}
		all = append(all, page{d["Contents"], resources})
	}
	walk(f.root["Pages"], dict{}, 0)
	return all
}
