package script

// Confinement bounds what user code may do with files: reading and starting programs below Read, everything below Write,
// nothing elsewhere. Not every system can do that, see [Confines].
type Confinement struct {
	Read  []string `json:"read,omitempty"`
	Write []string `json:"write,omitempty"`
}
