package schema

import "strings"

// ModelCode is the Python file and the class that model_code names: net.Net is the class Net of net.py.
func ModelCode(code string) (file, class string) {
	module, class, ok := cutLast(strings.TrimSpace(code))
	if !ok || module == "" || class == "" {
		return "", ""
	}
	return strings.ReplaceAll(module, ".", "/") + ".py", class
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}
