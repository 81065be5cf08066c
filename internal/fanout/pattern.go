package fanout

import (
	"regexp"
	"strings"
)

// CheckPattern says what is wrong with a pattern, if anything.
func CheckPattern(pattern string) error {
	_, err := compile(pattern)
	return err
}

// compile turns a subject pattern into a regular expression that fits whole types only.
func compile(pattern string) (string, error) {
	tokens := strings.Split(pattern, ".")
	for i, t := range tokens {
		last := i == len(tokens)-1
		switch {
		case t == "":
			return "", errEmptyToken
		case t == "*":
			tokens[i] = `[^.]+`
		case t == ">" && last:
			tokens[i] = `.+`
		case t == ">":
			return "", errRestInside
		case strings.ContainsAny(t, "*>"):
			return "", errPartOfWord
		default:
			tokens[i] = regexp.QuoteMeta(t)
		}
	}
	expr := `^(?s:` + strings.Join(tokens, `\.`) + `)$`
	if _, err := regexp.Compile(expr); err != nil { // what is not UTF-8; the bus would be silent about it
		return "", err
	}
	return expr, nil
}

// checkTopic says whether a type of event can be meant by a pattern.
func checkTopic(topic string) error {
	for t := range strings.SplitSeq(topic, ".") {
		switch {
		case t == "":
			return &TopicError{topic, errEmptyToken}
		case strings.ContainsAny(t, "*>"):
			return &TopicError{topic, errPartOfWord}
		}
	}
	return nil
}
