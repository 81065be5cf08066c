package trust

import "fmt"

func unreadable(path string) error {
	return fmt.Errorf("%s cannot be read as a list of trusted commands; remove it, and ww asks again", path)
}

func foreign(path string) error {
	return fmt.Errorf("%s can be written by others, so ww does not believe it; remove it, and ww asks again", path)
}
