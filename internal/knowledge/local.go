package knowledge

import (
	"context"
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// Local makes vectors on this machine, of the words of a text and of their parts. It knows nothing of meaning beyond that: it
// finds what uses the same words, in any order and form. It is deterministic, and needs neither key nor network.
type Local struct{}

// localSize is how many numbers a vector of Local has.
const localSize = 1024

// Model implements Embedder.
func (Local) Model() string { return "local-words-1" }

// Price implements Embedder.
func (Local) Price() (float64, bool) { return 0, true }

// Embed implements Embedder.
func (Local) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = localVector(t)
	}
	return out, nil
}

func localVector(text string) []float32 {
	counts := map[string]float64{}
	for _, w := range words(text) {
		weight := 1.0
		if len(w) <= 3 { // most words that say nothing are short
			weight = 0.25
		}
		counts[w] += weight
		if r := []rune(w); len(r) > 4 {
			counts["^"+string(r[:5])] += weight / 2 // forms of a word begin alike
			for k := range len(r) - 2 {
				counts["~"+string(r[k:k+3])] += weight / 8
			}
		}
	}
	v := make([]float32, localSize)
	for w, n := range counts {
		h := fnv.New64a()
		h.Write([]byte(w))
		sum := h.Sum64()
		x := float32(math.Sqrt(n))
		if sum>>63 == 1 {
			x = -x
		}
		v[sum%localSize] += x
	}
	normalize(v)
	return v
}

// words are the words of a text in small letters; names of programs count as the words they are made of.
func words(text string) []string {
	var out []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	was := rune(0)
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
		case unicode.IsUpper(r) && unicode.IsLower(was):
			end()
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		was = r
	}
	end()
	return out
}

// normalize gives a vector the length 1, so that the product of two is how near they are.
func normalize(v []float32) {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	f := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= f
	}
}
