package intake

import (
	"strconv"

	"dpoplayground/core/parse"
)

// scored holds single replies with their scores, until all of a question's are
// known.
type scored struct {
	questions map[string]int
	list      [][]scoredReply
}

type scoredReply struct {
	system, prompt, reply string
	worth                 float64
}

func (s *scored) add(system, prompt, reply []byte, worth float64) {
	if s.questions == nil {
		s.questions = map[string]int{}
	}
	key := string(system) + "\x00" + string(prompt)
	i, known := s.questions[key]
	if !known {
		i = len(s.list)
		s.questions[key] = i
		s.list = append(s.list, nil)
	}
	s.list[i] = append(s.list[i], scoredReply{key[:len(system)], key[len(system)+1:], string(reply), worth})
}

// compareScores counts a pair for each two scored replies to one question of
// which one is better. A row that makes no pair is left out.
func (r *Reader) compareScores() error {
	left := MaxRows
	for _, replies := range r.scored.list {
		r.pause()
		if left -= len(replies) * (len(replies) - 1) / 2; left < 0 {
			return parse.FileError("file.pairs", "limit", strconv.Itoa(MaxRows))
		}
		r.compare(replies)
	}
	return nil
}

func (r *Reader) compare(replies []scoredReply) {
	used := make([]bool, len(replies))
	for i, x := range replies {
		for k, y := range replies[:i] {
			better, worse := y, x
			if x.worth > y.worth {
				better, worse = x, y
			}
			if x.worth != y.worth && r.gather.add([]byte(x.system), []byte(x.prompt), []byte(better.reply), []byte(worse.reply), 1) == skipNone {
				used[i], used[k] = true, true
			}
		}
	}
	reason := skipTie
	if len(replies) == 1 {
		reason = skipAlone
	}
	for _, u := range used {
		if !u {
			r.skipped[reason]++
		}
	}
}
