package apiweb

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

const (
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// field is how one field of a form is written, as the document says.
type field struct {
	style style
	typ   string // of a part; empty: what its value is
}

// fieldsOf reads the encoding of a body.
func (r reader) fieldsOf(m map[string]any) map[string]field {
	out := map[string]field{}
	for name, v := range m {
		e := r.object(v)
		f := field{typ: word(e["contentType"])}
		if e["style"] != nil || e["explode"] != nil {
			f.style = styleOf(e, "query")
		}
		out[name] = f
	}
	return out
}

// urlencoded is a body as a page's form sends it.
func (b *body) urlencoded(object map[string]any) []byte {
	var pairs []string
	for _, name := range sorted(object) {
		s := b.encoding[name].style
		if _, list := object[name].([]any); s.name == "" && list {
			s = style{name: "form", explode: true}
		} else if s.name == "" {
			s = style{name: "form"}
			if _, nested := object[name].(map[string]any); nested {
				s.name = "json"
			}
		}
		if object[name] != nil {
			pairs = append(pairs, s.pairs(name, object[name])...)
		}
	}
	return []byte(strings.Join(pairs, "&"))
}

// multipart is a body as a page's form with files sends it.
func (b *body) multipart(object map[string]any) (raw []byte, typ string, err error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, name := range sorted(object) {
		values, isList := object[name].([]any)
		if !isList {
			values = []any{object[name]}
		}
		for _, v := range values {
			if v == nil {
				continue
			}
			if err := b.part(w, name, v); err != nil {
				return nil, "", err
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), w.FormDataContentType(), nil
}

func (b *body) part(w *multipart.Writer, name string, v any) error {
	content, filename, typ := []byte(plain(v)), "", b.encoding[name].typ
	object, _ := v.(map[string]any)
	switch {
	case b.isFile(name):
		var err error
		if content, filename, err = fileOf(name, v); err != nil {
			return err
		}
		if said := word(object["type"]); said != "" {
			typ = said
		}
		if typ == "" || strings.ContainsAny(typ, "*,") {
			typ = "application/octet-stream"
		}
	case object != nil && typ == "":
		typ = tool.JSON
	}
	h := textproto.MIMEHeader{}
	quoted := strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "", "\n", "")
	disposition := fmt.Sprintf(`form-data; name="%s"`, quoted.Replace(name))
	if filename != "" {
		disposition += fmt.Sprintf(`; filename="%s"`, quoted.Replace(filename))
	}
	h.Set("Content-Disposition", disposition)
	if typ != "" {
		h.Set("Content-Type", strings.NewReplacer("\r", "", "\n", "").Replace(typ))
	}
	p, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = p.Write(content)
	return err
}

// fileOf is the content of a file: a text, or an object that says more of it.
func fileOf(name string, v any) (content []byte, filename string, err error) {
	object, ok := v.(map[string]any)
	if !ok {
		return []byte(plain(v)), name, nil
	}
	if filename = word(object["filename"]); filename == "" {
		filename = name
	}
	if raw := word(object["base64"]); raw != "" {
		content, err = base64.StdEncoding.DecodeString(raw)
		if err != nil {
			return nil, "", fmt.Errorf("%s: base64 is none: %w", name, err)
		}
		return content, filename, nil
	}
	return []byte(plain(object["content"])), filename, nil
}

// isFile reports whether a field holds a file, or several.
func (b *body) isFile(name string) bool {
	s, _ := b.schema.(map[string]any)
	properties, _ := s["properties"].(map[string]any)
	return isBinary(properties[name])
}

func isBinary(v any) bool {
	s, ok := v.(map[string]any)
	if !ok {
		return false
	}
	if items := s["items"]; items != nil {
		return isBinary(items)
	}
	return s["format"] == "binary" || s["format"] == "byte" || s["contentMediaType"] != nil || s["contentEncoding"] != nil
}

// fileSchema is how a model says what a file holds.
func fileSchema(v any) any {
	s, _ := v.(map[string]any)
	if items := s["items"]; items != nil {
		return map[string]any{"type": "array", "items": fileSchema(items)}
	}
	text := "the text of a file, or an object with filename, content (its text) or base64, and type"
	if said := word(s["description"]); said != "" {
		text = said + ": " + text
	}
	return map[string]any{"description": text}
}
