package markdown

import (
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
)

// entity is the character that s begins with the name or the number of, and how long that is; nothing when it is text.
func entity(s string) (text string, n int) {
	name, _, found := strings.Cut(s[1:min(len(s), 34)], ";")
	if !found {
		return "", 0
	}
	number, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		text = named(name)
	} else {
		text = numbered(number)
	}
	if text == "" {
		return "", 0
	}
	return kit.CleanLine(text), len(name) + 2 // a number may be that of a control character
}

// numbered is the character with a number, of up to seven decimal or six other digits.
func numbered(s string) string {
	base, digits := 10, 7
	if hex := strings.TrimLeft(s, "xX"); len(s)-len(hex) == 1 {
		s, base, digits = hex, 16, 6
	}
	r, err := strconv.ParseUint(s, base, 32)
	switch {
	case err != nil || len(s) > digits:
		return ""
	case r == 0:
		return "\ufffd"
	}
	return string(rune(r)) // what is none becomes U+FFFD too
}

// named is the character of a name. These are the ones that people write; the whole list has 2,125 and would weigh more than
// all of this package.
func named(name string) string {
	switch name {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	case "nbsp":
		return "\u00a0"
	}
	const list = "hellip … mdash — ndash – lsquo ‘ rsquo ’ ldquo “ rdquo ” laquo « raquo » bull • middot · copy © reg ® trade ™ deg ° " +
		"para ¶ sect § euro € pound £ yen ¥ cent ¢ times × divide ÷ plusmn ± minus − le ≤ ge ≥ ne ≠ asymp ≈ equiv ≡ infin ∞ " +
		"radic √ sum ∑ prod ∏ int ∫ part ∂ forall ∀ exist ∃ isin ∈ empty ∅ cap ∩ cup ∪ sub ⊂ sup ⊃ and ∧ or ∨ not ¬ " +
		"larr ← uarr ↑ rarr → darr ↓ harr ↔ rArr ⇒ lArr ⇐ hArr ⇔ check ✓ cross ✗ star ☆ frac12 ½ frac14 ¼ frac34 ¾ sup2 ² sup3 ³ " +
		"alpha α beta β gamma γ delta δ epsilon ε theta θ lambda λ mu μ pi π sigma σ tau τ phi φ omega ω Delta Δ Sigma Σ Omega Ω micro µ " +
		"auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü szlig ß eacute é egrave è agrave à ccedil ç ntilde ñ oslash ø aring å aelig æ"
	fields := strings.Fields(list)
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == name {
			return fields[i+1]
		}
	}
	return ""
}
