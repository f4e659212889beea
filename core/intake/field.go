package intake

import (
	"bytes"
	"strings"
	"unicode"
)

// A field is what a column of a CSV file or a key of a JSON object is about.
type field uint8

const (
	fieldNone field = iota

	// The question. The first of these that says something counts.
	fieldPrompt
	fieldQuestion
	fieldInstruction
	fieldQuery
	fieldInput // goes on from an instruction
	fieldPost
	fieldInfo     // an object with a post
	fieldContext  // stands before the question
	fieldHistory  // likewise
	fieldMessages // where nothing else is the question, or the reply's conversation
	fieldSystem   // tells equal questions apart

	fieldChosen
	fieldRejected
	fieldRejectedMessages // a conversation
	fieldA
	fieldB
	field0 // by the number in the name: the two replies may be 0 and 1, or 1 and 2
	field1
	field2
	fieldModelA // the replies where there is no A, and names for the winner
	fieldModelB
	fieldScoreA
	fieldScoreB
	fieldScore0
	fieldScore1
	fieldScore2
	fieldWinner
	fieldStrength // below 0 where the first is better, above 0 where the second is
	fieldWinnerA  // 0 or 1: the winner spread over columns
	fieldWinnerB
	fieldWinnerTie
	fieldReplies // a list
	fieldOrdered // a list with the best first
	fieldRanking // of the list: ranks, or the replies' numbers in order
	fieldRanks   // of the list, or of a single reply: 1 is the best
	fieldScores  // of the list, or of a single reply: the largest is the best
	fieldReply   // one reply by itself
	fieldLabel   // whether that was called good
	fieldPlace1  // the best reply of several, or the rank of the first
	fieldPlace9  = fieldPlace1 + 8
	fieldCount   = fieldPlace9 + 1
	fields       = fieldCount + 1
)

// plain tells that the field's value is a word, not a text.
func (f field) plain() bool {
	switch f {
	case fieldWinner, fieldStrength, fieldWinnerA, fieldWinnerB, fieldWinnerTie, fieldCount, fieldLabel,
		fieldScoreA, fieldScoreB, fieldScore0, fieldScore1, fieldScore2:
		return true
	}
	return false
}

// fieldNames are the names that stand for themselves. The two sides of a vote
// have more names, see sideOf.
var fieldNames = map[string]field{
	"prompt": fieldPrompt, "user_prompt": fieldPrompt, "prompt_text": fieldPrompt,
	"question":    fieldQuestion,
	"instruction": fieldInstruction,
	"query":       fieldQuery,
	"input":       fieldInput,
	"post":        fieldPost, "article": fieldPost,
	"info":     fieldInfo,
	"context":  fieldContext,
	"history":  fieldHistory,
	"messages": fieldMessages, "conversations": fieldMessages, "conversation": fieldMessages, "dialogue": fieldMessages,
	"system": fieldSystem, "system_prompt": fieldSystem,

	"chosen": fieldChosen, "chosen_response": fieldChosen, "chosen_answer": fieldChosen, "chosen_output": fieldChosen,
	"chosen_text": fieldChosen, "chosen_reply": fieldChosen, "chosen_completion": fieldChosen, "chosen_messages": fieldChosen,
	"response_chosen": fieldChosen, "answer_chosen": fieldChosen, "output_chosen": fieldChosen,
	"preferred": fieldChosen, "preferred_output": fieldChosen, "preferred_answer": fieldChosen,
	"preferred_completion": fieldChosen, "preferred_text": fieldChosen,
	"accepted": fieldChosen, "accepted_response": fieldChosen, "better_response": fieldChosen, "response_j": fieldChosen,
	"winning_response": fieldChosen, "y_w": fieldChosen, "win": fieldChosen,

	"rejected": fieldRejected, "rejected_response": fieldRejected, "rejected_answer": fieldRejected,
	"rejected_output": fieldRejected, "rejected_text": fieldRejected, "rejected_reply": fieldRejected,
	"rejected_completion": fieldRejected, "response_rejected": fieldRejected, "answer_rejected": fieldRejected,
	"output_rejected": fieldRejected, "dispreferred": fieldRejected, "non_preferred": fieldRejected,
	"non_preferred_output": fieldRejected, "dispreferred_output": fieldRejected, "non_preferred_answer": fieldRejected,
	"dispreferred_completion": fieldRejected, "non_preferred_text": fieldRejected,
	"worse_response": fieldRejected, "response_k": fieldRejected, "losing_response": fieldRejected,
	"y_l": fieldRejected, "lose": fieldRejected, "loser": fieldRejected, "worse": fieldRejected,
	"rejected_messages": fieldRejectedMessages,

	"model_a": fieldModelA, "model_b": fieldModelB,
	"winner": fieldWinner, "choice": fieldWinner, "better": fieldWinner, "better_response_id": fieldWinner,
	"better_id": fieldWinner, "preference": fieldWinner, "human_preference": fieldWinner, "vote": fieldWinner,
	"verdict": fieldWinner, "preferred_response": fieldWinner, "preferred_id": fieldWinner, "preference.responses": fieldWinner,
	"preference_strength": fieldStrength, "overall_preference": fieldStrength,
	"winner_model_a": fieldWinnerA, "winner_model_b": fieldWinnerB, "winner_tie": fieldWinnerTie,
	"count": fieldCount, "votes": fieldCount,

	"responses": fieldReplies, "completions": fieldReplies, "answers": fieldReplies, "candidates": fieldReplies,
	"summaries": fieldReplies, "outputs": fieldReplies, "replies": fieldReplies, "generations": fieldReplies,
	"all_generated_responses": fieldReplies, "generated_responses": fieldReplies,
	"ranked": fieldOrdered, "ranked_responses": fieldOrdered, "ranked_replies": fieldOrdered, "ranked_answers": fieldOrdered,
	"ranked_outputs": fieldOrdered, "ranked_completions": fieldOrdered, "ranked_list": fieldOrdered, "sorted_responses": fieldOrdered,
	"ranking": fieldRanking, "rankings": fieldRanking,
	"rank": fieldRanks, "ranks": fieldRanks,
	"score": fieldScores, "scores": fieldScores, "rating": fieldScores, "ratings": fieldScores, "reward": fieldScores,
	"rewards": fieldScores, "helpfulness": fieldScores, "overall_score": fieldScores, "quality": fieldScores, "all_rm_scores": fieldScores,

	"completion": fieldReply, "response": fieldReply, "reply": fieldReply, "output": fieldReply, "answer": fieldReply,
	"label": fieldLabel, "labels": fieldLabel, "kto_tag": fieldLabel, "thumb": fieldLabel, "thumbs": fieldLabel,
	"feedback": fieldLabel, "liked": fieldLabel, "is_good": fieldLabel,
}

// sideStems may stand before _a and _b in the name of a side of a vote.
var sideStems = map[string]bool{
	"": true, "response": true, "answer": true, "text": true, "output": true, "completion": true, "reply": true,
	"conversation": true, "candidate": true, "option": true, "assistant": true, "model": true, "human_ref": true,
	"summary": true, "sample": true, "generation": true, "model_response": true, "assistant_response": true,
}

// scoreStems may stand before _a and _b in the name of a side's score.
var scoreStems = map[string]bool{"score": true, "rating": true, "reward": true}

var sides = map[string]field{
	"a": fieldA, "left": fieldA, "b": fieldB, "right": fieldB, "0": field0, "1": field1, "2": field2,
}

// asScore is the score's field of a side's.
var asScore = map[field]field{
	fieldA: fieldScoreA, fieldB: fieldScoreB, field0: fieldScore0, field1: fieldScore1, field2: fieldScore2,
}

// longestName is more than any known name has.
const longestName = 32

// canonical writes a name into buf in small letters with _ for - and space, and
// before a large letter that follows a small one.
func canonical(buf *[2 * longestName]byte, name []byte) []byte {
	name = bytes.TrimSpace(name)
	if len(name) > longestName {
		return nil
	}
	out := buf[:0]
	for i, b := range name {
		switch {
		case 'A' <= b && b <= 'Z':
			if i > 0 && 'a' <= name[i-1] && name[i-1] <= 'z' {
				out = append(out, '_')
			}
			b += 'a' - 'A'
		case b == ' ' || b == '-':
			b = '_'
		}
		out = append(out, b)
	}
	return out
}

// fieldOf returns what a column or key is about.
func fieldOf(name []byte) field {
	var buf [2 * longestName]byte
	name = canonical(&buf, name)
	if f, known := fieldNames[string(name)]; known {
		return f
	}
	if !hasLetter(name) {
		return fieldNone
	}
	if f := placeOf(name); f != fieldNone {
		return f
	}
	return sideOf(name)
}

// hasLetter tells a name from a number.
func hasLetter(name []byte) bool {
	return bytes.IndexFunc(name, func(r rune) bool { return 'a' <= r && r <= 'z' }) >= 0
}

// placeOf returns which place of a ranking a canonical name means: rank_1,
// rank2, …, rank_9.
func placeOf(name []byte) field {
	number := bytes.TrimPrefix(bytes.TrimPrefix(name, []byte("rank")), []byte("_"))
	if len(number) != 1 || number[0] < '1' || number[0] > '9' || !bytes.HasPrefix(name, []byte("rank")) {
		return fieldNone
	}
	return fieldPlace1 + field(number[0]-'1')
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// sideOf returns which side of a vote a canonical name means: a, left,
// response_a, answer_1, response2, … or which side's score.
func sideOf(name []byte) field {
	cut := bytes.LastIndexByte(name, '_')
	stem, end := name[:max(cut, 0)], name[cut+1:]
	if n := len(name); n > 1 && cut < n-2 && isDigit(name[n-1]) {
		stem, end = name[:n-1], name[n-1:]
	}
	side := sides[string(end)]
	switch {
	case sideStems[string(stem)]:
		return side
	case scoreStems[string(stem)]:
		return asScore[side]
	}
	return fieldNone
}

// A labelMeaning is what a label says of a reply.
type labelMeaning uint8

const (
	meansNothing labelMeaning = iota
	meansGood
	meansBad
)

// labels are words that people write for good and bad, in the languages of
// spreadsheets and forms.
var labels = map[string]labelMeaning{}

// ties are words for a vote without a winner.
var ties = map[string]bool{}

func init() {
	for _, w := range []string{
		"true", "1", "1.0", "+1", "yes", "y", "good", "up", "thumbs_up", "thumbsup", "thumb_up", "like", "liked", "positive", "desirable", "chosen", "accept", "accepted",
		"👍", "👍️", "✓", "✔", "✅", "wahr", "ja", "gut", "vrai", "oui", "bon", "verdadero", "sí", "si", "sì", "bueno", "vero", "buono",
		"verdadeiro", "sim", "bom", "waar", "goed", "prawda", "tak", "dobry", "истина", "да", "doğru", "evet", "iyi", "真", "是", "好", "はい", "良い", "참", "예", "صحيح", "نعم", "सही", "हाँ",
	} {
		labels[w] = meansGood
	}
	for _, w := range []string{
		"false", "0", "0.0", "-1", "_1", "−1", "-1.0", "_1.0", "no", "n", "bad", "down", "thumbs_down", "thumbsdown", "thumb_down", "dislike", "disliked", "negative", "undesirable", "rejected", "reject",
		"👎", "👎️", "✗", "✘", "❌", "falsch", "nein", "schlecht", "faux", "non", "mauvais", "falso", "malo", "cattivo",
		"não", "nao", "mau", "onwaar", "nee", "slecht", "fałsz", "nie", "zły", "ложь", "нет", "yanlış", "hayır", "kötü", "假", "否", "不是", "坏", "いいえ", "悪い", "거짓", "아니요", "خطأ", "لا", "गलत", "नहीं",
	} {
		labels[w] = meansBad
	}
	for _, w := range []string{
		"tie", "tie_(bothbad)", "tie_(both_bad)", "bothbad", "both_bad", "tie_(bothgood)", "both_good", "bothgood", "both", "both_are_good", "both_are_bad",
		"neither", "draw", "equal", "equally_good", "equally_bad", "same", "no_preference", "none", "tied", "a=b", "=",
		"gleich", "unentschieden", "beide", "beide_gut", "beide_schlecht", "keine", "égalité", "égal", "les_deux", "aucun", "empate", "ambos", "ninguno", "pareggio", "entrambi", "gelijk", "平局", "引き分け", "remis", "ничья", "berabere",
	} {
		ties[w] = true
	}
}

// lower writes a word as canonical does, letters of all scripts included.
func lower(word []byte) string {
	var buf [2 * longestName]byte
	for _, b := range word {
		if b >= 0x80 {
			return strings.ReplaceAll(strings.Map(bare, string(bytes.TrimSpace(word[:min(len(word), 4*longestName)]))), " ", "_")
		}
	}
	return string(canonical(&buf, word))
}

// bare makes a letter small and drops the marks of an emoji's colour.
func bare(r rune) rune {
	if r == 0xfe0f || 0x1f3fb <= r && r <= 0x1f3ff {
		return -1
	}
	return unicode.ToLower(r)
}
