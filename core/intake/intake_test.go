package intake

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/runlog"
	"dpoplayground/serve/catalogue"
)

// read feeds a whole file in chunks of the given size.
func read(name, content string, chunk int) (*data.Dataset, Summary, error) {
	r := NewReader(name, int64(len(content)))
	for rest := []byte(content); len(rest) > 0; {
		n := min(chunk, len(rest))
		// A copy that is overwritten afterwards: the reader must not keep it.
		piece := append([]byte(nil), rest[:n]...)
		if err := r.Feed(piece); err != nil {
			break
		}
		for i := range piece {
			piece[i] = '#'
		}
		rest = rest[n:]
	}
	return r.Finish()
}

// show writes a data set as lines "prompt: chosen > rejected × count" and
// "prompt: reply + up − down".
func show(d *data.Dataset) []string {
	var lines []string
	for _, p := range d.Pairs {
		prompt := d.Prompts[p.Prompt]
		lines = append(lines, fmt.Sprintf("%s: %s > %s × %g",
			prompt.Text, prompt.Replies[p.Chosen].Text, prompt.Replies[p.Rejected].Text, p.Count))
	}
	for _, t := range d.Thumbs {
		prompt := d.Prompts[t.Prompt]
		lines = append(lines, fmt.Sprintf("%s: %s + %g − %g", prompt.Text, prompt.Replies[t.Reply].Text, t.Up, t.Down))
	}
	return lines
}

const headBytes = 4096 // looked at by package parse to tell the format

var good = []struct {
	about, name, content string
	want                 []string
}{
	{"explicit prompt", "x.jsonl",
		`{"prompt": "Sky?", "chosen": " blue.", "rejected": " green."}` + "\n" +
			`{"rejected": "green.", "extra": [1, {"x": null}], "chosen": "blue.\n", "prompt": "Sky?"}`,
		[]string{"Sky?: blue. > green. × 2"}},
	{"both directions stay two pairs", "x.jsonl",
		`{"prompt":"p","chosen":"a","rejected":"b","count":3}` + "\r\n\r\n" + `{"prompt":"p","chosen":"b","rejected":"a","votes":2.0e0}`,
		[]string{"p: a > b × 3", "p: b > a × 2"}},
	{"conversational", "x.jsonl",
		`{"prompt": [{"role": "user", "content": "Sky?"}], "chosen": [{"role": "assistant", "content": "blue"}], "rejected": [{"content": "green", "role": "assistant"}]}`,
		[]string{"Sky?: blue > green × 1"}},
	{"several messages", "x.jsonl",
		`{"prompt": [{"role":"system","content":"Be brief."},{"role":"user","content":"Sky?"}], "chosen": [{"role":"assistant","content":"blue"},{"role":"user","content":"ok"}], "rejected": {"role":"assistant","content":"green"}}`,
		[]string{"system: Be brief.\n\nuser: Sky?: assistant: blue\n\nuser: ok > green × 1"}},
	{"implicit prompt in lists", "x.jsonl",
		`{"chosen": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"blue"}], "rejected": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"green"}]}`,
		[]string{"Sky?: blue > green × 1"}},
	{"implicit prompt in a dialogue", "x.jsonl",
		`{"chosen": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Sky?\n\nAssistant: It is blue", "rejected": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Sky?\n\nAssistant: It is green"}`,
		[]string{"Human: Hi\n\nAssistant: Hello\n\nHuman: Sky?\n\nAssistant:: It is blue > It is green × 1"}},
	{"a dialogue that parts early", "x.jsonl",
		`{"chosen": "\n\nHuman: Hi\n\nAssistant: Yes\n\nHuman: a\n\nAssistant: x", "rejected": "\n\nHuman: Hi\n\nAssistant: Yes\n\nHuman: b\n\nAssistant: y"}`,
		[]string{"Human: Hi\n\nAssistant:: Yes\n\nHuman: a\n\nAssistant: x > Yes\n\nHuman: b\n\nAssistant: y × 1"}},
	{"no prompt", "x.jsonl", `{"chosen": "The sky is blue.", "rejected": "The sky is green."}`,
		[]string{": The sky is blue. > The sky is green. × 1"}},
	{"null prompt", "x.jsonl", `{"prompt": null, "chosen": "a", "rejected": "b", "count": null}`, []string{": a > b × 1"}},
	{"prompt text repeated by the lists", "x.jsonl",
		`{"prompt": "Sky?", "chosen": [{"role":"system","content":"s"},{"role":"user","content":" Sky? "},{"role":"assistant","content":"blue"}], "rejected": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"green"}]}`,
		[]string{"Sky?: blue > green × 1"}},
	{"prompt list repeated by the lists", "x.jsonl",
		`{"prompt": [{"role":"user","content":"Sky?"}], "chosen": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"blue"}], "rejected": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"green"}]}`,
		[]string{"Sky?: blue > green × 1"}},
	{"parts", "x.jsonl",
		`{"prompt": [{"role":"user","content":[{"type":"text","text":"One"},{"text":"two","type":"text"}]}], "chosen": {"from":"gpt","value":"a"}, "rejected": {"from":"gpt","value":"b"}}`,
		[]string{"One\ntwo: a > b × 1"}},
	{"escapes", "x.jsonl", `{"chosen": "\u00e9\ud83d\ude00\t\"\\\/x", "rejected": "\ud83d \ude00\ud83d\ud83d\ude00\r\ny"}`,
		[]string{": é😀\t\"\\/x > \ufffd \ufffd\ufffd😀\ny × 1"}},
	{"one list", "x.json", "\ufeff [\n {\"chosen\": \"a\",\n  \"rejected\": \"b\"},\n {\"chosen\": \"b\", \"rejected\": \"a\"}\n]\n",
		[]string{": a > b × 1", ": b > a × 1"}},
	{"names that mean something elsewhere", "x.jsonl", `{"__proto__": 1, "chosen": "__proto__", "rejected": "constructor\u202e"}`,
		[]string{": __proto__ > constructor\u202e × 1"}},
	{"votes as objects", "x.jsonl",
		`{"model_a": "m", "model_b": "n", "winner": "model_b", "conversation_a": [{"role":"user","content":"q"},{"role":"assistant","content":"x"}], "conversation_b": [{"role":"user","content":"q"},{"role":"assistant","content":"y"}]}`,
		[]string{"q: y > x × 1"}},
	{"unknown keys may repeat", "x.jsonl", `{"id": 1, "id": 2, "chosen": "a", "rejected": "b"}`, []string{": a > b × 1"}},

	{"columns", "x.csv", "\ufeffPrompt,CHOSEN,rejected,Count\r\np,\"a, \"\"A\"\"\",b,2\r\n\r\np,\"a, \"\"A\"\"\", b ,1",
		[]string{`p: a, "A" > b × 3`}},
	{"line ends in fields", "x.csv", "chosen,rejected\n\"a\r\nA\",b\n\"a\nA\",b\n\"a\rA\",b\n", []string{": a\nA > b × 3"}},
	{"old line ends", "x.csv", "chosen,rejected\ra,b\r", []string{": a > b × 1"}},
	{"semicolons", "x.csv", "id;chosen;rejected\n1;a,b;c\n;;\n", []string{": a,b > c × 1"}},
	{"tabs", "x.tsv", "chosen\trejected\tnote\na\tb\t\n", []string{": a > b × 1"}},
	{"space before a quote, quote in a plain field", "x.csv", "chosen, rejected\na, \"b,c\" \n5\" pipe,x\n",
		[]string{": a > b,c × 1", `: 5" pipe > x × 1`}},
	{"votes", "x.csv", "prompt,a,b,winner\np,x,y,a\np,x,y,B\np,x,y,left\np,x,y,model_b\np,x,y,y\np,x,y,tie\np,x,y,Tie (bothbad)\np,x,y,\n",
		[]string{"p: x > y × 2", "p: y > x × 3"}},
	{"numbered votes", "x.csv", "answer_1,answer_2,winner\nx,y,1\nx,y,2\nx,y,answer_2\n", []string{": x > y × 1", ": y > x × 2"}},
	{"models as replies", "x.csv", "model_a,model_b,winner\ngpt,llama,model_a\nllama,gpt,gpt\n", []string{": gpt > llama × 2"}},
	{"winner by the model's name", "x.csv", "model_a,model_b,response_a,response_b,winner\nm,n,x,y,n\n", []string{": y > x × 1"}},
	{"winner over columns", "x.csv", "response_a,response_b,winner_model_a,winner_model_b,winner_tie\nx,y,1,0,0\nx,y,0,1,0\nx,y,0,0,1\n",
		[]string{": x > y × 1", ": y > x × 1"}},
	{"content that is not there", "x.jsonl",
		`{"prompt": [{"role":"user","content":"q"},{"role":"assistant","content":null,"tool":1}], "chosen":"a","rejected":"b"}`,
		[]string{"user: q\n\nassistant:: a > b × 1"}},
	{"undecided votes", "x.jsonl",
		`{"a":"x","b":"y","winner":null}{"a":"x","b":"y","winner_model_a":0,"winner_model_b":0}{"a":"x","b":"y","winner_model_a":true,"winner_model_b":false}`,
		[]string{": x > y × 1"}},
	{"no name, no line end", "", "chosen,rejected\na,b", []string{": a > b × 1"}},
	{"single replies", "x.jsonl",
		`{"prompt":"p","completion":"a","label":true}{"label":false,"completion":" a","prompt":"p"}{"prompt":"p","completion":"b","label":true,"count":3}`,
		[]string{"p: a + 1 − 1", "p: b + 3 − 0"}},
	{"single replies by other names", "x.jsonl", `{"question":"p","response":"a","label":1}{"question":"p","reply":"b","label":"0"}{"question":"p","reply":"b","label":1.0}`,
		[]string{"p: a + 1 − 0", "p: b + 1 − 1"}},
	{"conversational single replies", "x.jsonl",
		`{"prompt":[{"role":"user","content":"p"}],"completion":[{"role":"assistant","content":"a"}],"label":true}` +
			`{"prompt":"p","completion":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}],"label":false}` +
			`{"completion":[{"role":"user","content":"p"},{"role":"assistant","content":"c"}],"label":false}`,
		[]string{"p: a + 1 − 0", "p: b + 0 − 1", "p: c + 0 − 1"}},
	{"a dialogue with its reply", "x.jsonl", `{"completion":"\n\nHuman: Hi\n\nAssistant: a","label":1}{"completion":"\n\nHuman: Hi\n\nAssistant: b","label":0}`,
		[]string{"Human: Hi\n\nAssistant:: a + 1 − 0", "Human: Hi\n\nAssistant:: b + 0 − 1"}},
	{"pairs and single replies", "x.jsonl", `{"prompt":"p","chosen":"a","rejected":"b"}{"prompt":"p","completion":"b","label":true}{"prompt":"q","completion":"b","label":true}`,
		[]string{"p: a > b × 1", "p: b + 1 − 0"}},
	{"pairs that have more keys", "x.jsonl",
		`{"completion":["x",{"role":1}],"label":{"x":[1]},"response":{"content":[{}],"role":"r","from":"r"},"chosen":"a","rejected":"b"}{"chosen":"a","rejected":"b","label":3,"label":null,"reply":7}`,
		[]string{": a > b × 2"}},
	{"columns of single replies", "x.csv", "Prompt,Completion,Label,votes\np,a,TRUE,2\np,b,false,\np,a,0,5\np,b,1.0,1\n", []string{"p: a + 2 − 5", "p: b + 1 − 1"}},
	{"pairs with columns of single replies", "x.csv", "reply,response,label,chosen,rejected\n1,2,3,a,b\n", []string{": a > b × 1"}},
	{"objects in a file called .csv", "x.csv", `{"chosen":"a","rejected":"b"}`, []string{": a > b × 1"}},
}

func TestForms(t *testing.T) {
	for _, test := range good {
		d, _, err := read(test.name, test.content, 1<<20)
		if err != nil {
			t.Errorf("%s: %v", test.about, err)
		} else if got := show(d); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.about, got, test.want)
		}
	}
}

var bad = []struct {
	name, content, code string
	line, column        int
	found               string
}{
	{"", "", "file.empty", 0, 0, ""},
	{"x.csv", " \n\n", "file.empty", 0, 0, ""},
	{"x.csv", "chosen,rejected\n", "file.rowless", 0, 0, ""},
	{"x.json", "[]", "file.rowless", 0, 0, ""},
	{"x.csv", "chosen,rejected\na,a\n", "file.undecided", 0, 0, ""},
	{"x.xlsx", "PK\x03\x04....", "file.binary", 0, 0, "Excel"},
	{"x", "PK\x03\x04....", "file.packed", 0, 0, "ZIP"},
	{"x.ods", "PK\x03\x04....", "file.binary", 0, 0, "OpenDocument spreadsheet"},
	{"x", "PAR1\x15\x00", "file.frame", 0, 0, "Parquet"},
	{"x.csv", "\xff\xfec\x00h\x00", "csv.columns", 1, 1, "ch"},
	{"x.arrow", "\xff\xff\xff\xff\xa0\x01\x00\x00", "file.frame", 0, 0, "Arrow"},
	{"x.pkl", "\x80\x04\x95\x16\x00", "file.frame", 0, 0, "pickle"},
	{"x.csv", "\n<!DOCTYPE html>", "file.markup", 0, 0, ""},
	{"x.csv", "chosen,rejected\naé\xe9,b", "file.utf8", 2, 3, "0xe9"},
	{"x.csv", "chosen,rejected\na,b\xe2\x82", "file.utf8", 2, 4, "0xe2"},
	{"x.csv", "chosen,rejected\nab\x00,b", "file.nul", 2, 3, ""},

	{"x.jsonl", "[1]", "json.object", 1, 2, "1"},
	{"x.jsonl", "hello", "json.object", 1, 1, "hello"},
	{"x.jsonl", `{"chosen":"a","rejected":"b"}` + "\n[]", "json.object", 2, 1, "["},
	{"x.jsonl", `{"chosen":"a","rejected":"b"},`, "json.object", 1, 30, ","},
	{"x.json", `[{"chosen":"a","rejected":"b"}] 1`, "json.after", 1, 33, "1"},
	{"x.json", `[{"chosen":"a","rejected":"b"},`, "json.list", 1, 32, ""},
	{"x.json", `[{"chosen":"a","rejected":"b"},]`, "json.object", 1, 32, "]"},
	{"x.jsonl", `{'chosen':"a"}`, "json.key", 1, 2, "'"},
	{"x.jsonl", `{"é" "a"}`, "json.colon", 1, 6, `"`},
	{"x.jsonl", `{"chosen":"a" "b"}`, "json.comma", 1, 15, `"`},
	{"x.jsonl", `{"chosen":"a"]`, "json.comma", 1, 14, `]`},
	{"x.jsonl", `{"chosen":}`, "json.value", 1, 11, `}`},
	{"x.jsonl", `{"chosen":None}`, "json.word", 1, 11, `None`},
	{"x.jsonl", `{"x":[-01]}`, "json.word", 1, 7, `-01`},
	{"x.jsonl", "{\"chosen\":\"a\nb\"}", "json.open", 1, 11, ""},
	{"x.jsonl", "{\"chosen\":\"a\tb\"}", "json.control", 1, 13, "U+0009"},
	{"x.jsonl", `{"chosen":"\x"}`, "json.escape", 1, 13, `\x`},
	{"x.jsonl", `{"chosen":"\u12é"}`, "json.escape", 1, 16, `\u12é`},
	{"x.jsonl", "\n\n {\"chosen\":\"a\",\"rej", "json.unfinished", 3, 2, ""},
	{"x.jsonl", "{\"chosen\":\"a\",\"rejected\":\"b\"}\n{\"chosen\":\"a\nb\",\"rejected\":\"b\"}\n", "json.open", 2, 11, ""},
	{"x.jsonl", "{\"chosen\":\"a\",\"rejected\":\"b\"}\n{\"chosen\":\n None}\n", "json.word", 3, 2, "None"},
	{"x.jsonl.gz", "\x1f\x8b\x08\x00....", "file.packed", 0, 0, "gzip"},
	{"x.jsonl", `{"responses":["x","y","z"],"ranking":[2,3,1]}`, "row.ranking", 1, 38, ""},
	{"x.jsonl", `{"responses":["x","y"],"ranked":["x","w"]}`, "row.ranks", 1, 38, ""},
	{"x.jsonl", `{"ranked":[["x"],["y","z"]]}`, "row.ranks", 1, 18, ""},
	{"x.jsonl", "{\"chosen\":\"a\"\n{\"chosen\":\"a\"", "json.unfinished", 1, 1, ""},
	{"x.jsonl", `{"x":` + strings.Repeat("[", 100), "json.depth", 1, 69, ""},
	{"x.jsonl", `{"chosen":"a","chosen":"b","rejected":"z"}`, "json.repeated", 1, 24, ""},
	{"x.jsonl", `{"chosen":12345,"rejected":"z"}`, "json.text", 1, 11, "12345"},
	{"x.jsonl", `{"chosen":null,"rejected":"z"}`, "file.undecided", 0, 0, ""},
	{"x.jsonl", `{"count":[1],"chosen":"y","rejected":"z"}`, "json.plain", 1, 10, "["},
	{"x.jsonl", `{"chosen":[{"role":"x"},7],"rejected":"z"}`, "json.message", 1, 25, `7`},
	{"x.jsonl", `{"chosen":[{"content":"user"}],"rejected":"z"}`, "json.message", 1, 12, `{…}`},
	{"x.jsonl", `{"chosen":[{"role":1}],"rejected":"z"}`, "json.role", 1, 20, `1`},
	{"x.jsonl", `{"chosen":[{"content":{},"role":"x"}],"rejected":"z"}`, "json.content", 1, 23, `{`},
	{"x.jsonl", `{"chosen":[{"content":[{"type":"image"}],"role":"x"}],"rejected":"z"}`, "json.part", 1, 24, `image`},
	{"x.jsonl", `{"chosen":[{"content":[{}],"role":"x"}],"rejected":"z"}`, "json.part", 1, 24, `{…}`},
	{"x.jsonl", `{"chosen":[{"content":[7],"role":"x"}],"rejected":"z"}`, "json.part", 1, 24, `7`},
	{"x.jsonl", `tru`, "json.object", 1, 1, "tru"},

	{"x.csv", "hello world", "csv.columns", 1, 1, "hello world"},
	{"x.csv", "\n\na,b\n1,2", "csv.columns", 3, 1, "a, b"},
	{"x.csv", "chosen,rejected,Chosen\n", "csv.repeated", 1, 17, ""},
	{"x.csv", "chosen,rejected\na\n", "file.undecided", 0, 0, ""},
	{"x.csv", "chosen,rejected\na,b,c\n", "csv.fields", 2, 1, "3"},
	{"x.csv", "chosen,rejected" + strings.Repeat(",", 2000), "csv.wide", 1, 1015, ""},
	{"x.csv", "chosen,rejected\n\"a\"é,b\n", "csv.quote", 2, 4, "é"},
	{"x.csv", "chosen,rejected\na,b\na,\"b\na,b\n", "csv.unclosed", 3, 3, ""},
	{"x.csv", "prompt,completion,label\n", "file.rowless", 0, 0, ""},
	{"x.csv", "prompt,completion\na,b\n", "csv.columns", 1, 1, "prompt, completion"},
	{"x.csv", "prompt,label\na,1\n", "csv.columns", 1, 1, "prompt, label"},
	{"x.csv", "prompt,completion,label\na,b,maybe\na,c,good enough\n", "row.label", 2, 5, "maybe"},
	{"x.csv", "prompt,completion,label\na,b,\n", "file.undecided", 0, 0, ""},
	{"x.csv", "completion,label,count\na,1,0\n", "file.undecided", 0, 0, ""},
	{"x.jsonl", `{"prompt":"a","completion":"b","label":true}`, "file.alone", 0, 0, ""},
	{"x.jsonl", `{"prompt":"a","completion":"b","label":0.5}`, "row.label", 1, 40, "0.5"},
	{"x.jsonl", `{"prompt":"a","completion":"b","label":[true]}`, "json.plain", 1, 40, "["},
	{"x.jsonl", `{"prompt":"a","completion":"b","label":true,"label":true}`, "json.repeated", 1, 53, ""},
	{"x.jsonl", `{"prompt":"a","completion":["b",["c"]],"label":true}`, "json.message", 1, 33, `[`},
	{"x.jsonl", `{"prompt":"a","completion":[{"name":"x"}],"label":true}`, "json.message", 1, 29, `{…}`},
	{"x.jsonl", `{"prompt":"a","completion":7,"label":true}`, "json.text", 1, 28, "7"},
	{"x.jsonl", `{"prompt":"a","completion":"b"}`, "row.missing", 1, 1, ""},
	{"x.jsonl", "\n" + `{"prompt":"a","label":true}`, "row.missing", 2, 1, ""},
	{"x.jsonl", `{"prompt":"a","chosen":"b"}`, "row.missing", 1, 1, ""},
	{"x.jsonl", `{"prompt":"a","a":"b","b":"c"}`, "row.missing", 1, 1, ""},
	{"x.csv", "chosen,rejected,count\na,b,-1\n", "row.count", 2, 5, "-1"},
	{"x.csv", "chosen,rejected,count\na,b,1.5\n", "row.count", 2, 5, "1.5"},
	{"x.csv", "chosen,rejected,count\na,b,inf\n", "row.count", 2, 5, "inf"},
	{"x.csv", "chosen,rejected,count\na,b,0x10\n", "row.count", 2, 5, "0x10"},
	{"x.jsonl", `{"chosen":"a","rejected":"b","count":1e400}`, "row.count", 1, 38, "1e400"},
	{"x.jsonl", `{"chosen":"a","rejected":"b","count":-2}`, "row.count", 1, 38, "-2"},
	{"x.jsonl", `{"chosen":"a","rejected":"b","count":1000000001}`, "row.count", 1, 38, "1000000001"},
	{"x.jsonl", `{"prompt":"a","b":"c","winner":"b"}`, "row.missing", 1, 1, ""},
	{"x.csv", "a,b,winner_model_a\nx,y,0.5\n", "row.winner", 2, 5, "0.5"},
	{"x.csv", "a,b,winner\nx,y,1\n", "row.winner", 2, 5, "1"},
	{"x.csv", "a,b,winner\nx,y,\u202ez\n", "row.winner", 2, 5, "·z"},
	{"x.csv", "a,b,winner\nx,y,a\nright,left,left\n", "row.ambiguous", 3, 12, "left"},
	{"x.csv", "response_1,response_2,winner\nx,y,1\nx,y,0\n", "row.ambiguous", 3, 5, "0"},
	{"x.csv", "Timestamp,Which is better? A: x B: y\n2026-03-01,A\n", "csv.form", 1, 1, "Timestamp, Which is better? A: x B: y"},
	{"x.csv", "prompt,response,score\np,x,high\n", "row.score", 2, 5, "high"},
	{"x.jsonl", `{"responses":["x","y"],"ranks":[1]}`, "row.ranks", 1, 32, ""},
	{"x.csv", "prompt,chosen,rejected\np,\"[{'role': 'user', 'content': f(1)}]\",b\n", "row.structure", 2, 3, "[{'role': 'user', 'content': f(1)}]"},
	{"x.csv", "prompt,response,score\n" + manyScores(), "file.pairs", 0, 0, ""},
	{"x.jsonl", `{"log_history":[{"loss":1,"epoch":0.1}]}`, "run.log.stepless", 0, 0, ""},
	{"x.json", `{"log_history":[]}`, "run.log.empty", 0, 0, ""},
	{"scalars.csv", "Wall time,Step,Value\n1,2,3\n", "run.log.unnamed", 0, 0, ""},
	{"x.csv", "step,loss\n" + strings.Repeat("1,2\n", runlog.MaxRows+1), "run.log.rows", runlog.MaxRows + 2, 1, ""},
	{"x.csv", "Step,1 - loss,2 - loss,3 - loss,4 - loss,5 - loss,6 - loss,7 - loss,8 - loss,9 - loss\n1,2,2,2,2,2,2,2,2,2\n", "run.log.runs", 0, 0, "9"},
	{"x.jsonl", `{"x":[` + strings.Repeat(`"",`, 2_000_000) + `""]}`, "json.many", 1, 6_000_001, ""},
}

// manyScores are more replies to one question than can be compared.
func manyScores() string {
	var b strings.Builder
	for i := range 700 {
		fmt.Fprintf(&b, "p,reply %d,%d\n", i, i)
	}
	return b.String()
}

func TestErrors(t *testing.T) {
	words := sentences(t)
	for _, test := range bad {
		d, _, err := read(test.name, test.content, 1<<20)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want %s", test.content, err, test.code)
			continue
		}
		if d != nil || e.Code != test.code || e.Line != test.line || e.Column != test.column || e.Args["found"] != test.found {
			t.Errorf("%q: got %s %v %q, want %s %d:%d %q",
				test.content, e.Code, e.Place, e.Args["found"], test.code, test.line, test.column, test.found)
		}
		if s := e.Fill(words[e.Code]); s == "" || strings.ContainsAny(s, "{}") && !strings.ContainsAny(e.Args["found"], "{}") {
			t.Errorf("%q: sentence %q", test.content, s)
		}
	}
}

// sentences returns the page's English sentences by key.
func sentences(t testing.TB) map[string]string {
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if key, sentence, ok := strings.Cut(line, " = "); ok {
			words[key] = sentence
		}
	}
	return words
}

// Every sentence is reached by a test or named here, and every code has one.
func TestSentences(t *testing.T) {
	reached := map[string]bool{"file.size": true, "file.rows": true}
	for _, test := range kinds {
		for _, note := range test.notes {
			reached[note.Code] = true
		}
	}
	for _, test := range bad {
		reached[test.code] = true
	}
	for _, code := range skipCodes {
		reached[code] = true
	}
	words := sentences(t)
	for _, code := range Codes() {
		if !reached[code] {
			t.Errorf("no test reaches %s", code)
		}
	}
	for code := range reached {
		if words[code] == "" || !slices.Contains(Codes(), code) {
			t.Errorf("%s has no sentence, or is not listed", code)
		}
	}
}

func TestSummary(t *testing.T) {
	content := "prompt,a,b,winner,count\np,x,y,a,5\np,x,y,b,\np,x,z,a,2\nq,x,y,a,1\np,x,y,tie,9\np,x,y,draw,1\np,x,y,,1\np,x,x,a,1\np,,x,a,1\n"
	d, got, err := read("x.csv", content, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Format: "csv", Rows: 9, Prompts: 2, Replies: 5, Pairs: 4, Votes: 9,
		Skipped: []Skip{{"skip.tie", 2}, {"skip.undecided", 1}, {"skip.same", 1}, {"skip.empty", 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	content = "prompt,completion,label,count\np,x,1,5\np,y,0,2\np,x,1,\nq,z,1,9\nq,z,0,1\np,y,,1\np,,1,1\n"
	thumbs, got, err := read("x.csv", content, 7)
	if err != nil {
		t.Fatal(err)
	}
	want = Summary{
		Format: "csv", Rows: 7, Prompts: 1, Replies: 2, Thumbs: 2, Up: 6, Down: 2,
		Skipped: []Skip{{"skip.empty", 1}, {"skip.unlabelled", 1}, {"skip.alone", 2}},
	}
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(thumbs.Thumbs, []data.Thumb{{Reply: 0, Up: 6}, {Reply: 1, Down: 2}}) {
		t.Errorf("got  %+v\nwant %+v; thumbs %+v", got, want, thumbs.Thumbs)
	}
	wantReplies := []data.Reply{{Text: "x"}, {Text: "y"}, {Text: "z"}}
	if d.Rewarded || !reflect.DeepEqual(d.Prompts[0].Replies, wantReplies) {
		t.Errorf("replies %v, want %v in order of appearance", d.Prompts[0].Replies, wantReplies)
	}
}

// Any chunking gives the same result, errors and their places included.
func TestChunks(t *testing.T) {
	check := func(name, content string) {
		if len(content) > 100_000 {
			return
		}
		d, s, err := read(name, content, 1<<20)
		for _, chunk := range []int{1, 2, 3, 5, 7, 64} {
			d2, s2, err2 := read(name, content, chunk)
			if !reflect.DeepEqual(d, d2) || !reflect.DeepEqual(s, s2) || !reflect.DeepEqual(err, err2) {
				t.Errorf("%q in chunks of %d: %v, %v; want %v, %v", content, chunk, s2, err2, s, err)
			}
		}
	}
	for _, test := range good {
		check(test.name, test.content)
		// Behind more text than is held back to tell the format.
		padding := strings.Repeat("\n", headBytes-3)
		if strings.HasPrefix(test.content, "{") {
			check(test.name, padding+test.content)
		} else if header, rows, ok := strings.Cut(test.content, "\n"); ok {
			check(test.name, header+padding+rows)
		}
	}
	for _, test := range bad {
		check(test.name, test.content)
	}
}

func TestLimits(t *testing.T) {
	line := `{"prompt":"p","chosen":"a","rejected":"b","count":1000000000}` + "\n"
	d, s, err := read("x.jsonl", strings.Repeat(line, MaxRows), 1<<16)
	if err != nil || s.Votes != MaxRows*MaxCount || d.Pairs[0].Count != s.Votes {
		t.Errorf("%d rows: %v, %v", MaxRows, s, err)
	}
	if s.Votes >= 1<<53 {
		t.Errorf("%g votes are more than a float64 counts exactly", s.Votes)
	}
	_, _, err = read("x.jsonl", strings.Repeat(line, MaxRows+1), 1<<16)
	expectCode(t, err, "file.rows", MaxRows+1)
	_, _, err = read("x.jsonl", strings.Repeat(" ", MaxBytes)+"{", 1<<16)
	expectCode(t, err, "file.size", 0)
	err = NewReader("x.jsonl", MaxBytes+1).Feed(nil)
	expectCode(t, err, "file.size", 0)
	if want := "The file is 20.1 MB large, but at most 20 MB can be read; keep a part of it."; err.(*Error).Fill(sentences(t)["file.size"]) != want {
		t.Errorf("got %q, want %q", err, want)
	}
	unsized := NewReader("x.jsonl", 0)
	expectCode(t, unsized.Feed([]byte("\n\n\n"+strings.Repeat(" ", MaxBytes))), "file.size", 0)
}

func expectCode(t *testing.T, err error, code string, line int) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code || e.Line != line {
		t.Errorf("error %v, want %s on line %d", err, code, line)
	}
}

func TestErrorStays(t *testing.T) {
	r := NewReader("x.csv", 0)
	first := r.Feed([]byte(strings.Repeat("x", headBytes) + strings.Repeat("\nx", mostTitles)))
	if first == nil || r.Feed([]byte("chosen,rejected\n")) != first {
		t.Errorf("the error %v does not stay", first)
	}
	if _, _, err := r.Finish(); err != first {
		t.Errorf("Finish says %v, want %v", err, first)
	}
	if r.Feed(nil) == nil {
		t.Error("Feed after Finish succeeds")
	}
}

// One line as long as a file may be, whatever fills it.
func TestLongLine(t *testing.T) {
	fills := []string{"x", `\u00e9`, `\n`, "é"}
	for _, fill := range fills {
		body := strings.Repeat(fill, (MaxBytes-100)/len(fill))
		_, s, err := read("x.jsonl", `{"chosen":"`+body+`.","rejected":"b"}`, 1<<16)
		if err != nil || s.Pairs != 1 {
			t.Errorf("%q: %v, %v", fill, s, err)
		}
	}
	numbers := strings.Repeat("1,", (MaxBytes-100)/2)
	if _, _, err := read("x.jsonl", `{"x":[`+numbers+`1],"chosen":"a","rejected":"b"}`, 1<<16); err != nil {
		t.Error(err)
	}
}

// Files with more prompts, and prompts with more replies, than are looked
// through one by one, whatever size was announced.
func TestManyPromptsAndReplies(t *testing.T) {
	const n = 3000
	var b strings.Builder
	b.WriteString("prompt,chosen,rejected\n")
	for i := range n {
		fmt.Fprintf(&b, "p%d,x,y\nq,good%d,bad\n", i, i)
	}
	content := b.String() + strings.TrimPrefix(b.String(), "prompt,chosen,rejected\n")
	for _, size := range []int64{0, 1, int64(len(content)), MaxBytes} {
		r := NewReader("x.csv", size)
		r.Feed([]byte(content[:len(content)/4]))
		r.Feed([]byte(content[len(content)/4:]))
		d, s, err := r.Finish()
		if err != nil || r.Rows() != 4*n || s.Prompts != n+1 || s.Replies != 2*n+n+1 || s.Pairs != 2*n || s.Votes != 4*n {
			t.Fatalf("size %d: %+v, %v", size, s, err)
		}
		q := d.Prompts[1].Replies
		for i := range n {
			p, pair := d.Prompts[i+min(i, 1)], d.Pairs[2*i+1]
			if p.Text != fmt.Sprint("p", i) || q[pair.Chosen].Text != fmt.Sprint("good", i) || q[pair.Rejected].Text != "bad" || pair.Count != 2 {
				t.Fatalf("size %d: prompt %d is %v, pair %v", size, i, p, pair)
			}
		}
	}
}
