package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// writeAnnotations prints problems as workflow commands of GitHub Actions, one line each; GitHub shows them beside the
// lines of the file.
func writeAnnotations(w io.Writer, list diag.List) error {
	var all strings.Builder
	for _, d := range list {
		fmt.Fprintf(&all, "::%s %s::%s\n", d.Severity, annotationPlace(d), annotationText.Replace(annotationMessage(d)))
	}
	_, err := io.WriteString(w, all.String())
	return err
}

func annotationPlace(d diag.Diagnostic) string {
	parts := []string{"file=" + annotationProperty.Replace(d.Span.File)}
	if at := d.Span; at.Start.Line > 0 {
		parts = append(parts, fmt.Sprintf("line=%d,col=%d,endLine=%d", at.Start.Line, at.Start.Col, at.End.Line))
		if at.End.Line == at.Start.Line { // GitHub takes columns only within one line; theirs include the last character
			parts = append(parts, fmt.Sprintf("endColumn=%d", max(at.Start.Col, at.End.Col-1)))
		}
	}
	return strings.Join(append(parts, "title="+annotationProperty.Replace(d.Code)), ",")
}

func annotationMessage(d diag.Diagnostic) string {
	lines := []string{d.Summary}
	for _, more := range []string{d.Label, d.Detail} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	return strings.Join(lines, "\n")
}

// What the runner of GitHub Actions takes for a part of the command itself.
var (
	annotationText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
