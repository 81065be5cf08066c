package schema

// What a voice is made with when the declaration does not say.
const (
	VoiceModel   = "whisper-1"
	SpeechModel  = "tts-1"
	SpeechVoice  = "nova"
	SpeechFormat = "mp3"
)

// Recorder is the program that records, when none is named: from the first sound until two seconds of silence, thirty
// seconds at most.
func Recorder() []string {
	return []string{"sox", "-q", "-d", "-t", "wav", "-r", "16000", "-c", "1", "-", "silence", "1", "0.1", "1%", "1", "2.0", "1%", "trim", "0", "30"}
}

// Player is the program that plays what it reads, when none is named.
func Player() []string {
	return []string{"ffplay", "-autoexit", "-nodisp", "-loglevel", "error", "-i", "-"}
}

// VoicePrograms are the programs that a component that hears or speaks starts.
func VoicePrograms(kind, typ string, config map[string]any) [][]string {
	argv := func(key string, otherwise []string) []string {
		words, _ := config[key].([]any)
		if len(words) == 0 {
			return otherwise
		}
		out := make([]string, 0, len(words))
		for _, w := range words {
			text, _ := w.(string)
			out = append(out, text)
		}
		return out
	}
	var list [][]string
	switch {
	case config["offline"] == true:
	case kind == "input" && (typ == "push_to_talk" || typ == "keyword_voice"):
		list = append(list, argv("recorder", Recorder()))
		if trigger := argv("trigger", nil); trigger != nil {
			list = append(list, trigger)
		}
	case kind == "output" && typ == "voice":
		list = append(list, argv("player", Player()))
	}
	return list
}

// hears are the properties of an input that hears.
func hears() []Property {
	return []Property{
		{Name: "recorder", Type: Argv, Doc: "program that records until the speaker is silent, and writes it to its output as WAV; unset: sox"},
		{Name: "trigger", Type: Argv, Doc: "program that ends well when a recording is to begin: a key, a pedal, a word that was spotted on this machine"},
		{Name: "model", Type: Text, Default: VoiceModel, Doc: "the model that writes down what is said"},
		{Name: "base_url", Type: Text, Default: "https://api.openai.com/v1", Doc: "of a service that speaks as OpenAI's audio API does"},
		{Name: "timeout", Type: Duration, Default: "60s", Doc: "how long a recording and writing it down may take"},
	}
}
