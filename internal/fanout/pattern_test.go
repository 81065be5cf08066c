package fanout

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/woodwork-lang/ww/localbus"
)

// One pattern means the same inside a process and between processes.
func TestPatternsMeanWhatTheyMeanOnTheBus(t *testing.T) {
	token := rapid.SampledFrom([]string{"a", "b", "ab", "a+b", "ä", "x\ny"})
	word := rapid.OneOf(token, rapid.SampledFrom([]string{"*", ">"}))
	rapid.Check(t, func(t *rapid.T) {
		pattern := join(rapid.SliceOfN(word, 1, 4).Draw(t, "pattern"))
		topic := join(rapid.SliceOfN(token, 1, 4).Draw(t, "topic"))
		expr, err := compile(pattern)
		if err != nil {
			return // the bus takes it as a word, we say what is wrong
		}
		got := regexp.MustCompile(expr).MatchString(topic)
		if want := localbus.Match(pattern, topic); got != want {
			t.Fatalf("%q fits %q: %v here, %v on the bus", pattern, topic, got, want)
		}
	})
}

func join(tokens []string) string {
	s := tokens[0]
	for _, t := range tokens[1:] {
		s += "." + t
	}
	return s
}
