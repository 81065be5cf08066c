package deploy

// Steps are those at which somebody may be interrupted, in their order: first those of a write.
func Steps() (write, rollback []string) {
	return []string{stepBackup, stepNoteNew, stepNote, stepText, stepCompared, stepSwapped},
		[]string{stepText, stepCompared, stepSwapped, stepForgot}
}

// Told is b that tells of every step.
func (b Backups) Told(at func(step string)) Backups {
	b.at = at
	return b
}
