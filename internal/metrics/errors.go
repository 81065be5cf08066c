package metrics

import "fmt"

// VersionError is the refusal of a snapshot of another format.
type VersionError struct{ Got int }

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("metrics of format %d, we read %d: restart the app with this ww", e.Got, Version)
}

// FamilyError says why a family of metrics cannot be used.
type FamilyError struct{ Name, What string }

// Error implements error.
func (e *FamilyError) Error() string { return "metrics: " + e.Name + " " + e.What }
