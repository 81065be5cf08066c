package markdown

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/extension"
)

// otherwise are the examples of the specification of CommonMark that we read in another way, by the reason. All others read
// the same; one that is listed and reads the same is too much.
var otherwise = map[string][]int{
	"what begins in a line ends in it: emphasis, code and tags": {
		81, 82, 121, 335, 336, 337, 394, 405, 423, 432, 491, 510, 615, 616, 625, 638, 639, 640, 641, 642, 643,
	},
	"links by reference are text, and so is what they refer to: it comes last, when the text is drawn": {
		23, 33, 192, 193, 194, 195, 196, 198, 200, 202, 203, 204, 205, 206, 214, 215, 216, 217, 218, 527, 528, 529, 530, 531, 532, 533,
		534, 535, 539, 540, 541, 542, 543, 544, 549, 550, 553, 554, 555, 556, 557, 558, 559, 560, 561, 562, 564, 565, 566, 568, 569,
		570, 571, 573, 576, 577, 582, 583, 584, 585, 586, 587, 588, 589, 591, 593,
	},
	"an indent makes no code, and no text of what is a block without it":                              {18, 36, 48, 49, 69, 70, 85, 87, 110, 115, 134, 137, 231, 238, 285, 289, 312, 313},
	"a line is quoted when it says so":                                                                {93, 232, 233, 247, 250, 251},
	"an item holds text, code and further lines: other blocks do not begin in the line of its bullet": {61, 278, 279, 292, 293, 298, 299, 300},
	"the marks in a block of HTML are read":                                                           {148, 150, 151, 155, 156, 158, 159, 161, 162, 163, 164, 165, 166, 171, 177, 178, 186, 189},
	"the rare names of characters are text":                                                           {25},
	"a heading is underlined three times":                                                             {83},
	"a mailbox is a link between < and >":                                                             {612},
	"an address may follow any sign but a letter":                                                     {602},
	"what leads nowhere that can be opened stays as it was written, title and all":                    {346, 486, 489, 492, 499, 505, 509, 579, 580},
	"text that looks like an item when it is drawn":                                                   {14, 38, 304, 367},
}

// TestTheExamplesOfCommonMarkReadAsTheReferenceReadsThem takes them from the sources of goldmark.
func TestTheExamplesOfCommonMarkReadAsTheReferenceReadsThem(t *testing.T) {
	t.Parallel()
	known := map[int]bool{}
	for _, numbers := range otherwise {
		for _, n := range numbers {
			if known[n] {
				t.Errorf("example %d has two reasons", n)
			}
			known[n] = true
		}
	}
	var wrong []int
	for _, e := range examples(t) {
		d := cmp.Diff(understood(e.Markdown, extension.Linkify), drawn(e.Markdown))
		if d == "" && known[e.Example] {
			t.Errorf("example %d reads the same by now: take it off the list", e.Example)
		}
		if d != "" && !known[e.Example] {
			wrong = append(wrong, e.Example)
			t.Errorf("example %d, %s: %q (-reference +ours):\n%s", e.Example, e.Section, e.Markdown, d)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		t.Errorf("not on the list: %v", wrong)
	}
}

type example struct {
	Markdown, Section string
	Example           int
}

func examples(t *testing.T) []example {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err) // this test was compiled from there
	}
	var all []example
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 600 {
		t.Fatalf("only %d examples", len(all))
	}
	return all
}
