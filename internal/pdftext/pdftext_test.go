package pdftext

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
)

// made is a PDF of objects, as simple programs write it.
func made(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer << /Root 1 0 R >>\n%%EOF\n")
	return b.Bytes()
}

func packed(dict, s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dict, b.Len(), b.String())
}

const tree = "<< /Type /Pages /Count 1 /Resources << /Font << /F1 5 0 R >> >> /Kids [3 0 R] >>"

func simple(contents, font string) []byte {
	return made("<< /Type /Catalog /Pages 2 0 R >>", tree, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>", packed("", contents), font)
}

func TestText(t *testing.T) {
	t.Parallel()
	plain := "<< /Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding >>"
	cmap := packed("", "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0003> <00480069> endbfchar 2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<03b1> <03b2>] endbfrange")
	for name, c := range map[string]struct {
		pdf  []byte
		want string
	}{
		"lines and words":         {simple(`BT /F1 12 Tf (Hello) Tj 0 -14 Td [(Wor) 20 (ld) -300 (again)] TJ T* (caf\351 \(x\)) Tj ET`, plain), "Hello\nWorld again\ncafé (x)"},
		"letters by their names":  {simple(`BT /F1 12 Tf (ab) Tj ET`, "<< /Type /Font /Encoding << /Differences [97 /fi /uni00E9] >> >>"), "fié"},
		"letters by a table":      {made("<< /Type /Catalog /Pages 2 0 R >>", tree, "<< /Type /Page /Contents [4 0 R] >>", packed("", "BT /F1 9 Tf <0003001000120021> Tj ET"), "<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>", cmap), "HiACβ"},
		"a picture in between":    {simple("BT /F1 9 Tf (a) Tj ET BI /W 1 ID \x00(\xff EI BT (b) Tj ET", plain), "a\nb"},
		"a later object wins":     {append(simple("BT (old) Tj ET", plain), []byte("4 0 obj\n"+packed("", "BT (new) Tj ET")+"\nendobj\n")...), "new"},
		"a form":                  {made("<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", "<< /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>", packed("", "/X Do"), packed("/Subtype /Form", "BT (inside) Tj ET")), "inside"},
		"objects within a stream": {made("<< /Type /Catalog /Pages 8 0 R >>", packed("/Type /ObjStm /N 2 /First 10", "8 0 9 21 \n<< /Kids [9 0 R] >>   << /Contents 4 0 R >>"), "null", packed("", "BT (deep) Tj ET")), "deep"},
		"a length that is wrong":  {[]byte(strings.Replace(string(simple("BT (a) Tj ET", plain)), "/Length ", "/Length 9", 1)), "a"},
	} {
		got, err := Text(c.pdf)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	for want, pdf := range map[string][]byte{
		"not a PDF":    []byte("hello"),
		"no pages":     []byte("%PDF-1.4\n"),
		"is encrypted": append(simple("BT (a) Tj ET", "null"), []byte("trailer << /Encrypt 9 0 R >>")...),
	} {
		if got, err := Text(pdf); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v; want %s", got, err, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(simple(`BT /F1 12 Tf (Hello) Tj [(a) -300 <00>] TJ ET`, "<< /Encoding << /Differences [1 /a] >> >>"))
	f.Add([]byte("%PDF-1 1 0 obj << /Type /Catalog /Pages 1 0 R /Kids [1 0 R] >>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Text(b) // it ends, and panics do not get out
	})
}
