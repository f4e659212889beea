package intake

import (
	"reflect"
	"strings"
	"testing"
)

// kinds are files as public data sets, tools and people write them. The wanted
// preferences were written by hand from what the files mean.
var kinds = []struct {
	about, name, content string
	want                 []string
	skipped              []Skip
	notes                []Note
}{
	// The question under its other names.
	{about: "input", name: "x.jsonl",
		content: `{"system":"","input":"Why salt?","chosen":"Rivers.","rejected":"Tears.","generations":["x"],"rating":[9.0,2.0]}`,
		want:    []string{"Why salt?: Rivers. > Tears. × 1"}, notes: []Note{{"note.unread", 0, []string{"generations", "rating"}}}},
	{about: "instruction and input", name: "x.jsonl",
		content: `{"instruction":"Translate.","input":"Salz","chosen":"salt","rejected":"malt"}` + "\n" + `{"instruction":"Translate.","input":"Meer","chosen":"sea","rejected":"bee"}`,
		want:    []string{"Translate.\nSalz: salt > malt × 1", "Translate.\nMeer: sea > bee × 1"}},
	{about: "query", name: "x.csv", content: "query,chosen,rejected\nq,a,b\n", want: []string{"q: a > b × 1"}},
	{about: "context before a question", name: "x.csv", content: "context,question,chosen,rejected\nOn the Nile.,Where?,Egypt,Peru\nOn the Amazon.,Where?,Peru,Egypt\n",
		want: []string{"On the Nile.\n\nWhere?: Egypt > Peru × 1", "On the Amazon.\n\nWhere?: Peru > Egypt × 1"}},
	{about: "history of exchanges", name: "x.jsonl",
		content: `{"history":[["Hi","Hello"]],"instruction":"Why?","chosen":"a","rejected":"b"}`,
		want:    []string{"user: Hi\n\nassistant: Hello\n\nuser: Why?: a > b × 1"}},
	{about: "messages", name: "x.jsonl",
		content: `{"messages":[{"role":"user","content":"Why?"}],"chosen":{"role":"assistant","content":"a"},"rejected":{"role":"assistant","content":"b"}}`,
		want:    []string{"Why?: a > b × 1"}},
	{about: "conversations", name: "x.json",
		content: `[{"conversations":[{"from":"human","value":"Why?"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}]`,
		want:    []string{"Why?: a > b × 1"}},
	{about: "input.messages and preferred_output", name: "x.jsonl",
		content: `{"input":{"messages":[{"role":"user","content":"Why?"}],"tools":[]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}`,
		want:    []string{"Why?: a > b × 1"}},
	{about: "no question", name: "x.jsonl", content: `{"id":1,"topic":"sea","chosen":"a","rejected":"b"}`,
		want: []string{": a > b × 1"}, notes: []Note{{"note.noquestion", 1, nil}, {"note.unread", 0, []string{"id", "topic"}}}},
	{about: "a question that some rows lack", name: "x.jsonl", content: `{"prompt":"p","chosen":"a","rejected":"b"}{"prompt":"","chosen":"c","rejected":"d"}`,
		want: []string{"p: a > b × 1", ": c > d × 1"}, notes: []Note{{"note.somequestion", 1, nil}}},
	{about: "merged cells", name: "x.csv", content: "prompt,chosen,rejected\np,a,b\n,c,d\nq,a,b\n ,c,d\n",
		want:  []string{"p: a > b × 1", "p: c > d × 1", "q: a > b × 1", "q: c > d × 1"},
		notes: []Note{{"note.filled", 2, nil}}},

	// Dialogues as one text.
	{about: "single line ends", name: "x.jsonl", content: `{"chosen":"Human: Why?\nAssistant: a","rejected":"Human: Why?\nAssistant: b"}`,
		want: []string{"Human: Why?\nAssistant:: a > b × 1"}},
	{about: "ChatML", name: "x.jsonl",
		content: `{"chosen":"<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\na<|im_end|>","rejected":"<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nb<|im_end|>"}`,
		want:    []string{"<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant: a > b × 1"}},
	{about: "instructions in brackets", name: "x.jsonl", content: `{"chosen":"[INST] Why? [/INST] a </s>","rejected":"[INST] Why? [/INST] b </s>"}`,
		want: []string{"[INST] Why? [/INST]: a > b × 1"}},
	{about: "two questions and one form", name: "x.jsonl",
		content: `{"chosen":"User: Why?\nBot: a","rejected":"User: Why?\nBot: b"}{"chosen":"User: How?\nBot: a","rejected":"User: How?\nBot: b"}`,
		want:    []string{"User: Why?\nBot:: a > b × 1", "User: How?\nBot:: a > b × 1"}},
	{about: "an unknown form", name: "x.jsonl", content: `{"chosen":"Ann asks why. Bob says a","rejected":"Ann asks why. Bob says b"}`,
		want: []string{": Ann asks why. Bob says a > Ann asks why. Bob says b × 1"}, notes: []Note{{"note.noquestion", 1, nil}}},
	{about: "a prompt repeated by texts", name: "x.jsonl", content: `{"prompt":"Why is it?","chosen":"Why is it? a","rejected":"Why is it? b"}`,
		want: []string{"Why is it?: a > b × 1"}},
	{about: "a question inside the dialogues", name: "x.jsonl", content: `{"prompt":"Why?","chosen":"\n\nHuman: Why?\n\nAssistant: a","rejected":"\n\nHuman: Why?\n\nAssistant: b"}`,
		want: []string{"Why?: a > b × 1"}},

	// Synonyms.
	{about: "prompt and question agree", name: "x.jsonl", content: `{"prompt":"p","question":" p ","chosen":"a","rejected":"b"}`, want: []string{"p: a > b × 1"}},
	{about: "prompt and question differ", name: "x.jsonl", content: `{"question":"q","prompt":"p","chosen":"a","rejected":"b"}`,
		want: []string{"p: a > b × 1"}, notes: []Note{{"note.differs", 1, []string{"question"}}}},

	// Structure in cells.
	{about: "lists of texts in cells", name: "x.csv",
		content: "id,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n" +
			`1,"[""Why?""]","[""a""]","[""b""]",1,0,0` + "\n" +
			`2,"[""Hi"",""Why?""]","[""Hello"",""a""]","[""Hello"",""b""]",0,1,0` + "\n" +
			`3,"[""Hi""]",[null],"[""b""]",0,1,0` + "\n",
		want:    []string{"Why?: a > b × 1", "user: Hi\n\nassistant: Hello\n\nuser: Why?: b > a × 1"},
		skipped: []Skip{{"skip.empty", 1}}, notes: []Note{{"note.unread", 0, []string{"id"}}}},
	{about: "Python in cells", name: "x.csv",
		content: "prompt,chosen,rejected\nWhy?,\"[{'role': 'user', 'content': 'Why?'}, {'role': 'assistant', 'content': \"\"it's a\"\"}]\"," +
			"\"[{'content': 'Why?', 'role': 'user'}\n {'content': 'b\\n\\xe9', 'role': 'assistant'}]\"\n",
		want: []string{"Why?: it's a > b\né × 1"}},
	{about: "brackets that are text", name: "x.csv", content: "prompt,chosen,rejected\np,[sighs] no [ends],\"{\"\"a\"\": 1}\"\n", want: []string{`p: [sighs] no [ends] > {"a": 1} × 1`}},

	// Equal and invisible texts.
	{about: "composed letters", name: "x.jsonl", content: `{"prompt":"p","chosen":"caf\u00e9","rejected":"t"}{"prompt":"p","chosen":"cafe\u0301","rejected":"t"}`,
		want: []string{"p: caf\u00e9 > t × 2"}},

	// One row that cannot be read.
	{about: "nothing rejected", name: "x.jsonl", content: `{"prompt":"p","chosen":"a","rejected":"b"}{"prompt":"q","chosen":"a","rejected":null}{"prompt":"q","chosen":"","rejected":"b"}`,
		want: []string{"p: a > b × 1"}, skipped: []Skip{{"skip.empty", 2}}},
	{about: "a count of 0", name: "x.csv", content: "prompt,chosen,rejected,count\np,a,b,7\np,b,a,0\n", want: []string{"p: a > b × 7"}, skipped: []Skip{{"skip.zero", 1}}},
	{about: "a short row, a long one, and a comma too many", name: "x.csv", content: "prompt,chosen,rejected,count\np,a,b\np,a,b,2,x\np,a,b,2,\n",
		want: []string{"p: a > b × 3"}, skipped: []Skip{{"skip.fields", 1}}},
	{about: "a picture", name: "x.jsonl",
		content: `{"prompt":[{"role":"user","content":[{"type":"image"},{"type":"text","text":"p"}]}],"chosen":"a","rejected":"b"}{"prompt":"p","chosen":"a","rejected":"b"}`,
		want:    []string{"p: a > b × 1"}, skipped: []Skip{{"skip.picture", 1}}},
	{about: "a tool's call", name: "x.jsonl",
		content: `{"prompt":[{"role":"user","content":"p"},{"role":"assistant","tool_calls":[{"id":1}]},{"role":"tool","content":"3"}],"chosen":"a","rejected":"b"}`,
		want:    []string{"user: p\n\nassistant: \n\ntool: 3: a > b × 1"}},
	{about: "no number", name: "x.jsonl", content: `{"prompt":"p","chosen":"a","rejected":"b","score":NaN,"x":[Infinity,-Infinity]}`,
		want: []string{"p: a > b × 1"}, notes: []Note{{"note.unread", 0, []string{"x"}}}},
	{about: "a number for a reply, a missing key", name: "x.jsonl", content: `{"prompt":"p","chosen":"a","rejected":"b"}{"prompt":"p","chosen":7,"rejected":"b"}{"prompt":"p","chosen":"a"}`,
		want: []string{"p: a > b × 1"}, skipped: []Skip{{"skip.missing", 1}, {"skip.unread", 1}}},

	// Wrappers and lines above the columns.
	{about: "columns as pandas writes them", name: "x.json", content: `{"prompt":{"0":"p","1":"q"},"chosen":{"0":"a","1":"c"},"rejected":{"0":"b","1":"d"}}`,
		want: []string{"p: a > b × 1", "q: c > d × 1"}},
	{about: "rows of a viewer", name: "x.json", content: `{"features":[{"feature_idx":0,"name":"prompt"}],"rows":[{"row_idx":0,"row":{"prompt":"p","chosen":"a","rejected":"b"}},{"row_idx":1,"row":{"prompt":"q","chosen":"c","rejected":"d"}}],"num_rows_total":2}`,
		want: []string{"p: a > b × 1", "q: c > d × 1"}},
	{about: "rows under a key", name: "x.json", content: `{"version":1,"data":[{"prompt":"p","chosen":"a","rejected":"b"}]}`, want: []string{"p: a > b × 1"}},
	{about: "splits", name: "x.json", content: `{"train":[{"prompt":"p","chosen":"a","rejected":"b"}],"test":[{"prompt":"p","chosen":"b","rejected":"a"}]}`,
		want: []string{"p: a > b × 1", "p: b > a × 1"}},
	{about: "Excel's separator", name: "x.csv", content: "sep=;\r\nprompt;chosen;rejected\r\np;a;b\r\n", want: []string{"p: a > b × 1"}},
	{about: "a title", name: "x.csv", content: "Survey of class 9b\nspring 2026\nprompt;chosen;rejected\np;a;b\n", want: []string{"p: a > b × 1"},
		notes: []Note{{"note.title", 2, nil}}},
	{about: "UTF-16", name: "x.txt", content: wideText("prompt\tchosen\trejected\np\té😀\tb\n"), want: []string{"p: é😀 > b × 1"}},

	// Shapes of data sets.
	{about: "chosen_response", name: "x.csv", content: "Instruction,Chosen Response,Rejected-Response\np,a,b\n", want: []string{"p: a > b × 1"}},
	{about: "counted from 0", name: "x.jsonl", content: `{"prompt":"p","response_0":"a","response_1":"b","better_response_id":0}{"prompt":"q","response_0":"a","response_1":"b","better_response_id":1}`,
		want: []string{"p: a > b × 1", "q: b > a × 1"}},
	{about: "counted from 1", name: "x.jsonl", content: `{"prompt":"p","response_1":"a","response_2":"b","preference":1}{"prompt":"q","response1":"a","response2":"b","preference":2}`,
		want: []string{"p: a > b × 1", "q: b > a × 1"}},
	{about: "human_ref", name: "x.jsonl", content: `{"history":"p","human_ref_A":"a","human_ref_B":"b","labels":1}{"history":"q","human_ref_A":"a","human_ref_B":"b","labels":0}`,
		want: []string{"p: a > b × 1", "q: b > a × 1"}},
	{about: "summaries", name: "x.jsonl", content: `{"info":{"post":"p","title":"t"},"summaries":[{"text":"a"},{"text":"b"}],"choice":1}`, want: []string{"p: b > a × 1"}},
	{about: "signed strength", name: "x.jsonl", content: `{"prompt":"p","response_1":"a","response_2":"b","preference_strength":-2}{"prompt":"q","response_1":"a","response_2":"b","preference_strength":3}{"prompt":"q","response_1":"a","response_2":"b","preference_strength":0}`,
		want: []string{"p: a > b × 1", "q: b > a × 1"}, skipped: []Skip{{"skip.tie", 1}}},
	{about: "scores of two sides", name: "x.jsonl", content: `{"question":{"full_text":"p"},"answer_0":"a","answer_1":"b","score_0":-1,"score_1":0.5}`, want: []string{"p: b > a × 1"}},
	{about: "ranks: the first beats two, the second beats one", name: "x.jsonl", content: `{"prompt":"p","responses":["a","b","c"],"ranks":[2,1,3]}`,
		want: []string{"p: b > a × 1", "p: a > c × 1", "p: b > c × 1"}},
	{about: "scores inside", name: "x.jsonl", content: `{"instruction":"p","completions":[{"response":"a","overall_score":3},{"response":"b","overall_score":8},{"response":"c","overall_score":3}]}`,
		want: []string{"p: b > a × 1", "p: b > c × 1"}},
	{about: "scored replies", name: "x.jsonl",
		content: `{"prompt":"p","response":"a","helpfulness":1}{"prompt":"q","response":"a","helpfulness":2}{"prompt":"p","response":"b","helpfulness":4}{"prompt":"r","response":"a","helpfulness":2}{"prompt":"r","response":"b","helpfulness":2}`,
		want:    []string{"p: b > a × 1"}, skipped: []Skip{{"skip.tie", 2}, {"skip.alone", 1}}},
	{about: "the conversation is the chosen one", name: "x.jsonl",
		content: `{"messages":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}],"rejected_response":"b"}`, want: []string{"p: a > b × 1"}},
	{about: "kto_tag", name: "x.jsonl", content: `{"instruction":"p","input":"","output":"a","kto_tag":true}{"instruction":"p","input":"","output":"b","kto_tag":false}`,
		want: []string{"p: a + 1 − 0", "p: b + 0 − 1"}},
	{about: "labels that people write", name: "x.csv",
		content: "prompt,completion,label\np,a,yes\np,a,No\np,a,GOOD\np,a,bad\np,a,+1\np,a,-1\np,a,👍🏽\np,a,👎\np,b,WAHR\np,b,FALSCH\np,b,vrai\np,b,faux\np,b,sí\np,b,はい\np,b,нет\np,b,\n",
		want:    []string{"p: a + 4 − 4", "p: b + 4 − 3"}, skipped: []Skip{{"skip.unlabelled", 1}}},
	{about: "ties that people write", name: "x.csv", content: "prompt,a,b,winner\np,x,y,b\np,x,y,both good\np,x,y,Same\np,x,y,gleich\n",
		want: []string{"p: y > x × 1"}, skipped: []Skip{{"skip.tie", 3}}},
	{about: "the winner in a column called chosen", name: "x.csv", content: "prompt,response_a,response_b,chosen\np,x,y,response_b\np,x,y,x\n", want: []string{"p: y > x × 1", "p: x > y × 1"}},
	{about: "a side and its own text", name: "x.csv", content: "prompt,left,right,winner\np,left,right,left\n", want: []string{"p: left > right × 1"}},
	{about: "the same question to different systems", name: "x.jsonl",
		content: `{"system":"Sing.","question":"p","chosen":"la","rejected":"b"}{"system":"Talk.","question":"p","chosen":"b","rejected":"la"}{"system":"Talk.","question":"q","chosen":"b","rejected":"la"}`,
		want:    []string{"system: Sing.\n\nuser: p: la > b × 1", "system: Talk.\n\nuser: p: b > la × 1", "q: b > la × 1"}},

	// Rankings.
	{about: "replies in order", name: "x.jsonl", content: `{"prompt":"p","ranked":["a","b","c"]}{"prompt":"q","ranked_responses":[{"text":"a"},{"text":"b"}]}{"prompt":"r","ranking":["a","b"]}{"prompt":"s","rank":["a","b"]}`,
		want: []string{"p: a > b × 1", "p: a > c × 1", "p: b > c × 1", "q: a > b × 1", "r: a > b × 1", "s: a > b × 1"}},
	{about: "listed replies in order", name: "x.jsonl", content: `{"prompt":"p","responses":["c","a","b"],"ranking":["a","b","c"]}`,
		want: []string{"p: a > c × 1", "p: b > c × 1", "p: a > b × 1"}},
	{about: "a ranking of which both readings agree", name: "x.jsonl", content: `{"prompt":"p","responses":["a","b"],"ranking":[2,1]}{"prompt":"q","responses":["a","b","c"],"ranking":[0,2,1]}`,
		want: []string{"p: b > a × 1", "q: a > b × 1", "q: a > c × 1", "q: c > b × 1"}},
	{about: "columns by place, the last one blank", name: "x.csv", content: "prompt,rank1,rank2,rank3\np,a,b,c\nq,a,b,\n",
		want: []string{"p: a > b × 1", "p: a > c × 1", "p: b > c × 1", "q: a > b × 1"}},
	{about: "ranks of sides", name: "x.csv", content: "prompt,response_1,response_2,rank_1,rank_2\np,a,b,2,1\n", want: []string{"p: b > a × 1"}},
	{about: "output with the chosen one first", name: "x.json", content: `[{"instruction":"p","input":"","output":["a","b"]}]`, want: []string{"p: a > b × 1"}, notes: []Note{{"note.ordered", 1, nil}}},
	{about: "generations and ratings", name: "x.jsonl", content: `{"instruction":"p","generations":["a","b"],"ratings":[1,5]}`, want: []string{"p: b > a × 1"}},
	{about: "ranks of conversations", name: "x.jsonl",
		content: `{"context":[{"role":"user","content":"p"}],"completions":[{"rank":0,"completion":[{"role":"assistant","content":"a"}]},{"rank":1,"completion":[{"role":"assistant","content":"b"}]}]}`,
		want:    []string{"p: a > b × 1"}},
	{about: "one chosen, several rejected", name: "x.jsonl", content: `{"prompt":"p","chosen":["a"],"rejected":["b","c"]}{"chosen":["a","d"],"rejected":"b"}`,
		want: []string{"p: a > b × 1", "p: a > c × 1", ": a > b × 1", ": d > b × 1"}, notes: []Note{{"note.somequestion", 1, nil}}},
	{about: "turns that begin alike", name: "x.jsonl", content: `{"chosen":["Hi","a"],"rejected":["Hi","b"]}`, want: []string{"Hi: a > b × 1"}},

	// Tables in JSON.
	{about: "split orientation", name: "x.json", content: `{"columns":["prompt","chosen","rejected"],"index":[0,1],"data":[["p","a","b"],["q","c",null]]}`,
		want: []string{"p: a > b × 1"}, skipped: []Skip{{"skip.empty", 1}}},
	{about: "a header and rows", name: "x.json", content: `{"header":["id","prompt","completion","label"],"rows":[[1,"p","a",true],[2,"p","b",false]]}`,
		want: []string{"p: a + 1 − 0", "p: b + 0 − 1"}, notes: []Note{{"note.unread", 0, []string{"id"}}}},
	{about: "lists by column", name: "x.json", content: `{"prompt":["p","q"],"chosen":["a","c"],"rejected":["b","d"]}`, want: []string{"p: a > b × 1", "q: c > d × 1"}},
	{about: "lists of thumbs by column", name: "x.json", content: `{"prompt":["p","p"],"completion":["a","b"],"label":[true,false]}`, want: []string{"p: a + 1 − 0", "p: b + 0 − 1"}},
	{about: "lists one after the other", name: "x.json", content: `[{"prompt":"p","chosen":"a","rejected":"b"}]` + "\n[]\n" + `[{"prompt":"q","chosen":"a","rejected":"b"}]`, want: []string{"p: a > b × 1", "q: a > b × 1"}},

	// Labels of which 0 may mean neither.
	{about: "1, 0 and −1", name: "x.csv", content: "prompt,completion,label\np,a,1\np,b,0\np,c,-1\np,a,0\n",
		want: []string{"p: a + 1 − 0", "p: c + 0 − 1"}, skipped: []Skip{{"skip.neither", 2}}},
	{about: "1, 0 and −1 of two", name: "x.jsonl", content: `{"prompt":"p","response_a":"a","response_b":"b","label":1}{"prompt":"p","response_a":"a","response_b":"b","label":0}{"prompt":"p","response_a":"a","response_b":"b","label":-1}`,
		want: []string{"p: a > b × 1", "p: b > a × 1"}, skipped: []Skip{{"skip.neither", 1}}},
	{about: "1 and −1", name: "x.csv", content: "prompt,completion,label\np,a,1\np,b,-1\n", want: []string{"p: a + 1 − 0", "p: b + 0 − 1"}},

	// Broken lines, blanks, names.
	{about: "a broken line and a cut one", name: "x.jsonl", content: `{"prompt":"p","chosen":"a","rejected":"b"}` + "\n" + `{"prompt":"p",,}` + "\n" + `{"prompt":"p","chosen":"a"` + "\n" + `{"prompt":"q","chosen":"a","rejected":"b"}` + "\n" + `{"prompt":"q","cho`,
		want: []string{"p: a > b × 1", "q: a > b × 1"}, skipped: []Skip{{"skip.unread", 3}}},
	{about: "words for no value", name: "x.csv", content: "prompt,chosen,rejected\np,a,b\np,nan,b\np,a,NULL\np,None,b\n", want: []string{"p: a > b × 1", "p: None > b × 1"}, skipped: []Skip{{"skip.empty", 2}}},
	{about: "an index without a name", name: "x.csv", content: ",prompt,chosen,rejected\n0,p,a,b\n", want: []string{"p: a > b × 1"}},
	{about: "small and large letters for words", name: "x.jsonl", content: `{"userPrompt":"p","chosenResponse":"a","rejectedResponse":"b"}{"prompt":"p","responseA":"a","responseB":"b","winner":"responseB"}`, want: []string{"p: a > b × 1", "p: b > a × 1"}},
	{about: "winner and loser", name: "x.csv", content: "prompt,winner,loser\np,a,b\n", want: []string{"p: a > b × 1"}},
	{about: "y_w and y_l", name: "x.jsonl", content: `{"prompt":"p","y_w":"a","y_l":"b"}`, want: []string{"p: a > b × 1"}},
	{about: "columns in a file called .json", name: "x.json", content: "prompt,chosen,rejected\np,a,b\n", want: []string{"p: a > b × 1"}},
	{about: "UTF-16 without its mark", name: "x.csv", content: wideText("prompt,chosen,rejected\np,a,b\n")[2:], want: []string{"p: a > b × 1"}},
	{about: "an article", name: "x.jsonl", content: `{"info":{"post":null,"article":"p"},"summaries":[{"text":"a"},{"text":"b"}],"choice":0}`, want: []string{"p: a > b × 1"}},
	{about: "fields and responses", name: "x.jsonl", content: `{"id":"1","fields":{"prompt":"p","response-a":"a","response-b":"b"},"responses":{"preference":[{"user_id":"u","value":"response-b"},{"user_id":"v","value":"response-b"}]}}` +
		`{"id":"2","fields":{"prompt":"p","response-a":"a","response-b":"b"},"responses":{"preference":[{"value":"response-a"},{"value":"response-b"}]}}`,
		want: []string{"p: b > a × 1"}, skipped: []Skip{{"skip.unread", 1}}, notes: []Note{{"note.unread", 0, []string{"id"}}}},
	{about: "a conversation that cannot be read beside whole ones", name: "x.jsonl",
		content: `{"conversation":[{"input":"p","output":"a"}],"chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}]}`,
		want:    []string{"p: a > b × 1"}, notes: []Note{{"note.unread", 0, []string{"conversation"}}}},
}

// wideText writes a text as Excel's "Unicode text".
func wideText(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range text {
		for _, unit := range utf16Units(r) {
			b.WriteByte(byte(unit))
			b.WriteByte(byte(unit >> 8))
		}
	}
	return b.String()
}

func utf16Units(r rune) []rune {
	if r < 0x10000 {
		return []rune{r}
	}
	return []rune{0xd800 + (r-0x10000)>>10, 0xdc00 + (r-0x10000)&0x3ff}
}

func TestKinds(t *testing.T) {
	for _, test := range kinds {
		for _, chunk := range []int{1 << 20, 3} {
			d, s, err := read(test.name, test.content, chunk)
			if err != nil {
				t.Errorf("%s: %v", test.about, err)
				continue
			}
			if got := show(d); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s:\ngot  %q\nwant %q", test.about, got, test.want)
			}
			if !reflect.DeepEqual(s.Skipped, test.skipped) {
				t.Errorf("%s: left out %v, want %v", test.about, s.Skipped, test.skipped)
			}
			if !reflect.DeepEqual(s.Notes, test.notes) {
				t.Errorf("%s: notes %v, want %v", test.about, s.Notes, test.notes)
			}
		}
	}
}
