package localbus

import "strings"

// Match says whether a subject fits a pattern. Both are tokens separated by dots; in a pattern `*` stands for one
// token and `>`, at the end, for one or more.
func Match(pattern, subject string) bool {
	for {
		p, restP, moreP := strings.Cut(pattern, ".")
		if p == ">" && !moreP {
			return subject != ""
		}
		s, restS, moreS := strings.Cut(subject, ".")
		if p != "*" && p != s || s == "" {
			return false
		}
		if !moreP || !moreS {
			return moreP == moreS
		}
		pattern, subject = restP, restS
	}
}
