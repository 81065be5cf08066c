package pdftext

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"io"
	"regexp"
	"strconv"
)

// file is a PDF as its objects. They are found by looking for them, not by the table at the end: that is often wrong in files
// that were repaired, and says nothing that the objects do not.
type file struct {
	raw     []byte
	at      map[ref]int // where an object begins
	objects map[ref]any
	root    dict
}

func open(raw []byte) (*file, error) {
	if i := bytes.Index(raw[:min(len(raw), 1024)], []byte("%PDF-")); i < 0 {
		return nil, errNoPDF
	}
	f := &file{raw: raw, at: map[ref]int{}, objects: map[ref]any{}}
	for _, m := range regexp.MustCompile(`(\d{1,8})[ \r\n\t]+\d{1,5}[ \r\n\t]+obj\b`).FindAllSubmatchIndex(raw, -1) {
		n, err := strconv.Atoi(string(raw[m[2]:m[3]]))
		if err == nil {
			f.at[ref(n)] = m[1] // a later one replaces an earlier one
		}
	}
	if regexp.MustCompile(`/Encrypt[ \r\n\t]+\d+[ \r\n\t]+\d+[ \r\n\t]+R`).Match(raw) {
		return nil, errEncrypted
	}
	for r := range f.at {
		if s, ok := f.resolve(r).(stream); ok && s.dict["Type"] == name("ObjStm") {
			f.packed(s)
		}
	}
	for r := range f.at {
		f.catalog(f.resolve(r))
	}
	for _, v := range f.objects {
		f.catalog(v)
	}
	return f, nil
}

func (f *file) catalog(v any) {
	if d, ok := v.(dict); ok && d["Type"] == name("Catalog") && d["Pages"] != nil {
		f.root = d
	}
}

// packed takes the objects out of a stream of them.
func (f *file) packed(s stream) {
	b := f.unpack(s)
	n, first := f.number(s.dict["N"]), f.number(s.dict["First"])
	if first < 0 || first > len(b) {
		return
	}
	head := lexer{b: b[:first]}
	for range n {
		num, ok1 := head.value(0)
		off, ok2 := head.value(0)
		id, isNum := num.(float64)
		at, isOff := off.(float64)
		if !ok1 || !ok2 || !isNum || !isOff || first+int(at) > len(b) || at < 0 {
			return
		}
		if _, own := f.at[ref(id)]; own {
			continue
		}
		body := lexer{b: b, i: first + int(at)}
		if v, ok := body.value(0); ok {
			f.objects[ref(id)] = v
		}
	}
}

// resolve follows references.
func (f *file) resolve(v any) any {
	for range maxDepth {
		r, ok := v.(ref)
		if !ok {
			return v
		}
		if known, ok := f.objects[r]; ok {
			v = known
			continue
		}
		at, ok := f.at[r]
		if !ok {
			return nil
		}
		f.objects[r] = nil // an object that needs itself has nothing
		v = f.object(at)
		f.objects[r] = v
	}
	return nil
}

func (f *file) number(v any) int {
	n, _ := f.resolve(v).(float64)
	return int(n)
}

// object reads the object at a place.
func (f *file) object(at int) any {
	l := lexer{b: f.raw, i: at}
	v, ok := l.value(0)
	d, isDict := v.(dict)
	if !ok || !isDict {
		return v
	}
	l.space()
	rest, found := bytes.CutPrefix(f.raw[min(l.i, len(f.raw)):], []byte("stream"))
	if !found {
		return d
	}
	rest = bytes.TrimPrefix(rest, []byte("\r"))
	rest = bytes.TrimPrefix(rest, []byte("\n"))
	if n := f.number(d["Length"]); n > 0 && n <= len(rest) && bytes.HasPrefix(bytes.TrimLeft(rest[n:], "\r\n \t"), []byte("endstream")) {
		return stream{d, rest[:n]}
	}
	if n := bytes.Index(rest, []byte("endstream")); n >= 0 {
		rest = rest[:n]
	}
	return stream{d, rest}
}

// unpack is the bytes of a stream; what cannot be unpacked has none.
func (f *file) unpack(s stream) []byte {
	filters, _ := f.resolve(s.dict["Filter"]).([]any)
	if one, ok := f.resolve(s.dict["Filter"]).(name); ok {
		filters = []any{one}
	}
	b := s.raw
	for _, filter := range filters {
		switch n, _ := f.resolve(filter).(name); n {
		case "FlateDecode", "Fl":
			b = inflate(b)
		case "ASCIIHexDecode", "AHx":
			l := lexer{b: append([]byte("<"), b...)}
			b = []byte(l.hex())
		case "ASCII85Decode", "A85":
			b, _, _ = bytes.Cut(b, []byte("~>"))
			out := make([]byte, len(b)*4+4)
			n, _, err := ascii85.Decode(out, b, true)
			if err != nil {
				return nil
			}
			b = out[:n]
		default:
			return nil
		}
	}
	return b
}

// inflate takes what can be had: a stream that is cut short has a beginning.
func inflate(b []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(r, maxStream))
	return out
}
