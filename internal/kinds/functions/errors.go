package functions

import "fmt"

func errNoModel(name string) error {
	return fmt.Errorf(`%s: model pytorch needs model_code: "module.Class", and model_weights: the file with its weights`, name)
}

func errNoPath(name string) error {
	return fmt.Errorf(`%s: api functions needs the path of a Python file: path: "functions.py"`, name)
}
