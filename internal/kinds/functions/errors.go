package functions

import "fmt"

func errNoPath(name string) error {
	return fmt.Errorf(`%s: api functions needs the path of a Python file: path: "functions.py"`, name)
}
