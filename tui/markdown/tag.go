package markdown

import "strings"

// bracketed is <address>, or a tag of HTML. A tag is text, in which there are no marks, except the one that begins a line.
func (p *parser) bracketed(s string) int {
	inner, _, found := strings.Cut(s[1:], ">")
	switch {
	case !found:
		return 0
	case opens(inner):
		p.add(inner, look{url: inner})
		return len(inner) + 2
	case isMail(inner):
		p.add(inner, look{url: "mailto:" + inner})
		return len(inner) + 2
	case strings.EqualFold(strings.TrimRight(inner, " /"), "br"):
		p.add("\n", look{})
		return len(inner) + 2
	}
	n := tag(s)
	if n > 0 {
		p.add(s[:n], look{})
	}
	return n
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// isMail says that s is the address of a mailbox.
func isMail(s string) bool {
	name, host, found := strings.Cut(s, "@")
	return found && name != "" && strings.Trim(name, letters+"0123456789.!#$%&'*+/=?^_`{|}~-") == "" &&
		strings.Trim(host, letters+"0123456789.-") == "" && host != "" && !strings.ContainsAny(host[:1]+host[len(host)-1:], ".-")
}

// tag is how long the tag or comment is that s begins with.
func tag(s string) int {
	if strings.HasPrefix(s, "<!--") {
		if i := strings.Index(s[2:], "-->"); i >= 0 { // the same dashes may begin and end it
			return 2 + i + 3
		}
		return 0
	}
	rest, closing := strings.CutPrefix(s[1:], "/")
	if rest == "" || strings.IndexByte(letters, rest[0]) < 0 {
		return 0
	}
	rest = strings.TrimLeft(rest, letters+"0123456789-")
	for !closing && rest != "" {
		next := attribute(rest)
		if next == rest {
			break
		}
		rest = next
	}
	rest = strings.TrimLeft(rest, " ")
	if !closing {
		rest = strings.TrimPrefix(rest, "/")
	}
	if !strings.HasPrefix(rest, ">") {
		return 0
	}
	return len(s) - len(rest) + 1
}

// attribute is what follows the attribute of a tag that s begins with; all of s when it is none.
func attribute(s string) string {
	rest := strings.TrimLeft(s, " ")
	if rest == s || rest == "" || strings.IndexByte(letters+"_:", rest[0]) < 0 {
		return s
	}
	rest = strings.TrimLeft(rest, letters+"0123456789_.:-")
	value, found := strings.CutPrefix(strings.TrimLeft(rest, " "), "=")
	if !found {
		return rest
	}
	value = strings.TrimLeft(value, " ")
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		_, after, ended := strings.Cut(value[1:], value[:1])
		if !ended {
			return s
		}
		return after
	}
	after := value[max(0, strings.IndexAny(value+" ", " \"'=<>`")):]
	if after == value {
		return s
	}
	return after
}
