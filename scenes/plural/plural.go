// Package plural evaluates a language's rule of plurals: which form of a
// sentence is said of n things. It imports the standard library only.
package plural

import "strings"

// maxDepth is how many values a rule may hold at a time.
const maxDepth = 16

// Form returns which form of a sentence a language uses of n things,
// counted from 0, and how many forms there are. A rule is the number of forms
// and an expression over n in reverse Polish, parted by spaces: English is
//
//	2 n 1 ≠
//
// Operators are C's, with = ≠ ≤ ≥ for == != <= >=, & and | for && and ||, and ?
// for the choice between three. ok is false if the rule cannot be read or gives
// a form that there is not.
func Form(rule string, n int) (form, count int, ok bool) {
	var stack [maxDepth]int
	depth := 0
	head, rest, _ := strings.Cut(rule, " ")
	count, ok = number(head)
	for ok && rest != "" {
		head, rest, _ = strings.Cut(rest, " ")
		depth, ok = stepRule(&stack, depth, head, n)
	}
	ok = ok && depth == 1 && stack[0] >= 0 && stack[0] < count
	return stack[0], count, ok
}

// stepRule does one word of a rule and returns the new depth of the stack.
func stepRule(s *[maxDepth]int, depth int, word string, n int) (int, bool) {
	if value, isNumber := number(word); isNumber || word == "n" {
		if word == "n" {
			value = n
		}
		if depth == maxDepth {
			return depth, false
		}
		s[depth] = value
		return depth + 1, true
	}
	if word == "?" {
		if depth < 3 {
			return depth, false
		}
		if s[depth-3] != 0 {
			s[depth-3] = s[depth-2]
		} else {
			s[depth-3] = s[depth-1]
		}
		return depth - 2, true
	}
	if depth < 2 {
		return depth, false
	}
	value, ok := operate(word, s[depth-2], s[depth-1])
	s[depth-2] = value
	return depth - 1, ok
}

func operate(sign string, a, b int) (int, bool) {
	truth := false
	switch sign {
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "*":
		return a * b, true
	case "%":
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case "=":
		truth = a == b
	case "≠":
		truth = a != b
	case "<":
		truth = a < b
	case "≤":
		truth = a <= b
	case ">":
		truth = a > b
	case "≥":
		truth = a >= b
	case "&":
		truth = a != 0 && b != 0
	case "|":
		truth = a != 0 || b != 0
	default:
		return 0, false
	}
	if truth {
		return 1, true
	}
	return 0, true
}

func number(word string) (int, bool) {
	n := 0
	for _, c := range word {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, word != ""
}
