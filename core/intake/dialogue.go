package intake

import "bytes"

// A dialect is a way to write a dialogue as one text: what stands before the
// turns of the two.
type dialect struct{ user, assistant string }

var dialects = []dialect{
	{"", "\n\nAssistant:"},
	{"<|im_start|>user", "<|im_start|>assistant"},
	{"<|start_header_id|>user<|end_header_id|>", "<|start_header_id|>assistant<|end_header_id|>"},
	{"<start_of_turn>user", "<start_of_turn>model"},
	{"[INST]", "[/INST]"},
	{"<|user|>", "<|assistant|>"},
	{"<|prompter|>", "<|assistant|>"},
	{"<｜User｜>", "<｜Assistant｜>"},
	{"### Instruction:", "### Response:"},
	{"### Human:", "### Assistant:"},
	{"### User:", "### Assistant:"},
	{"Human:", "Assistant:"},
	{"User:", "Assistant:"},
	{"USER:", "ASSISTANT:"},
	{"user:", "assistant:"},
	{"User:", "Bot:"},
	{"Human:", "Bot:"},
	{"Human:", "AI:"},
	{"User:", "AI:"},
	{"User:", "Model:"},
	{"Question:", "Answer:"},
	{"Q:", "A:"},
}

// turnEnds may stand behind a turn.
var turnEnds = []string{"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "<|end|>", "<|endoftext|>", "<｜end▁of▁sentence｜>"}

// commonDialogue returns the length of the beginning that a and b share up to
// and with their last common turn of the assistant, or 0.
func commonDialogue(a, b []byte) int { return lastTurn(a[:commonPrefix(a, b)]) }

// commonPrefix returns how many leading bytes a and b share.
func commonPrefix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n+64 <= most && bytes.Equal(a[n:n+64], b[n:n+64]) {
		n += 64
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

// lastTurn returns the length of what ends where the assistant's last turn
// begins, or 0. The user's turn must stand before it.
func lastTurn(text []byte) int {
	most := 0
	for _, d := range dialects {
		i := lastMark(text, d.assistant)
		if i <= 0 || i+len(d.assistant) <= most || d.user != "" && firstMark(text[:i], d.user) < 0 {
			continue
		}
		most = i + len(d.assistant)
	}
	return most
}

// lastMark returns where a mark stands last, at a word's beginning, or −1.
func lastMark(text []byte, mark string) int {
	for end := len(text); ; {
		i := bytes.LastIndex(text[:end], []byte(mark))
		if i < 0 || begins(text, i, mark) {
			return i
		}
		end = i + len(mark) - 1
	}
}

func firstMark(text []byte, mark string) int {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(mark))
		if i < 0 || begins(text, from+i, mark) {
			return i
		}
		from += i + 1
	}
}

// begins tells that a mark that is a name stands at a word's beginning.
func begins(text []byte, i int, mark string) bool {
	first := mark[0] | 0x20
	return i == 0 || first < 'a' || first > 'z' || text[i-1] == ' ' || text[i-1] == '\n' || text[i-1] == '\t'
}

// endTurn returns the reply behind a dialogue's last turn, which ends at cut,
// without the mark of its end.
func endTurn(text []byte, cut int) []byte {
	reply := bytes.TrimSpace(text[cut:])
	if cut == 0 {
		return reply
	}
	for _, end := range turnEnds {
		if bytes.HasSuffix(reply, []byte(end)) {
			return bytes.TrimSpace(reply[:len(reply)-len(end)])
		}
	}
	return reply
}
