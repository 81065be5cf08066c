package event

// HistoryRequest asks for the turns of a session that were answered before another one.
type HistoryRequest struct {
	Session string `json:"session"`
	Before  string `json:"before"` // the turn that asks; it is none of them
	Turns   int    `json:"turns"`  // at most so many, the last ones
}

// Past is an earlier turn of a session.
type Past struct {
	Text   string `json:"text"`
	Answer string `json:"answer"`
}

// UserQuestion is what a component wants to know of the user whose turn it is.
type UserQuestion struct {
	ID        string `json:"id,omitempty"` // set by the acceptor
	Turn      string `json:"turn"`
	Component string `json:"component,omitempty"` // who asks
	Text      string `json:"question"`
}

// UserAnswer is what the user says to it.
type UserAnswer struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}
