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
	ID        string `json:"id,omitempty"` // set by the acceptor; the same one when it is asked again
	Turn      string `json:"turn"`
	Component string `json:"component,omitempty"` // who asks; set by the acceptor
	Text      string `json:"question"`
	// TimeoutMS is how long the user may take; 0: as long as the turn.
	TimeoutMS int64 `json:"timeout_ms,omitempty"`
}

// UserAnswer is what the user says to it.
type UserAnswer struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// None says why there is no answer; empty: Text is one, also when it is empty.
	None string `json:"none,omitempty"`
}

// NoUser is UserAnswer.None when nobody is there who could be asked.
const NoUser = "no user to ask"
