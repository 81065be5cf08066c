package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/woodwork-lang/ww/internal/project"
)

func changed(file string) error {
	return fmt.Errorf("%s was changed while it was migrated; nothing was written, try again", file)
}

func nothing(file string) error {
	return fmt.Errorf("no migration of %s is there to be taken back", file)
}

// lost says what can be done without the backup: to migrate the other way.
func lost(path, mode string, err error) error {
	other := project.Centralized
	if mode == other {
		other = project.Distributed
	}
	without := "; the file was left as it is. Without it: ww migrate --mode " + other
	if err != nil {
		return fmt.Errorf("the backup %s cannot be read (%w)%s", path, err, without)
	}
	return fmt.Errorf("the backup %s is not what was written%s", path, without)
}

// others says that the backups are not ours.
func others(dir string, err error) error {
	return fmt.Errorf("the backups in %s may not be read (%w): they are those of another user, who can roll back", dir, err)
}

func edited(file, backup string) error {
	return fmt.Errorf("%s was edited since it was migrated; it was left as it is. What it was before: %s", file, backup)
}

func readOnly(file string, mode fs.FileMode) error {
	return fmt.Errorf("%s may not be written (%v); nothing was changed. Allow it (chmod u+w %s), or take the diff and apply it where it may be", file, mode.Perm(), file)
}

// locked says why a file cannot be replaced.
func locked(file string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("the directory %s may not be written to (%w); the file was left as it is", filepath.Dir(file), err)
	}
	return err
}
