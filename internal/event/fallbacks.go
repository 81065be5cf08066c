package event

import "strings"

// AddFallbacks adds to a list of calls that a fallback answered what a reply of component to says: that it is not to's
// own, and what it rests on itself. A list beyond maxHopError bytes takes no more.
func AddFallbacks(list, to string, reply *Header) string {
	if reply.Fallback != "" {
		list = addWord(list, to+":"+reply.Fallback)
	}
	for _, w := range strings.Fields(reply.Fallbacks) {
		list = addWord(list, to+"/"+w)
	}
	return list
}

func addWord(list, w string) string {
	switch {
	case list == "":
		return w
	case len(list)+1+len(w) > maxHopError:
		return list
	}
	return list + " " + w
}
