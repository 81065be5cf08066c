package property

import (
	"encoding/json"
	"fmt"
)

func errType(name, want string, got any) error {
	shown, err := json.Marshal(got)
	if err != nil {
		shown = fmt.Appendf(nil, "%v", got)
	}
	if len(shown) > 60 {
		shown = append(shown[:57:57], "..."...)
	}
	return fmt.Errorf("property %q must be %s, not %s", name, want, shown)
}
