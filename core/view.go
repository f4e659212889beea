package core

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core/data"
)

// A View is what of an experiment is looked at, beside the setting ViewChoice.
// It changes no number.
type View struct {
	Open    []string  // sections of the page that are open
	Pair    [2]int    // the pair being worked, as arms of the shown prompt; equal for none
	Corners [3]int    // of the landscape, as arms of the shown prompt; all 0 for none chosen
	Betas   []float64 // that stand beside the present β, rising; nil for none chosen
	Stage   int       // of the step in slow motion, from 0
	Since   int       // the step from which the ledger counts
	Handout
}

// The limits of what a link may ask for.
const (
	LeastBetas = 2 // side by side
	MostBetas  = 5
	MostStage  = 20
)

// ForgetReplies drops what points at replies, as the question is another now.
func (v *View) ForgetReplies() { v.Pair, v.Corners = [2]int{}, [3]int{} }

// ParseBetas reads the βs that stand side by side, each as a setting is
// written. They come back rising.
func ParseBetas(texts []string) ([]float64, *data.Complaint) { return ParseBetaList(texts, LeastBetas) }

func ParseBetaList(texts []string, least int) ([]float64, *data.Complaint) {
	info := Params()[Beta]
	info.Key = "betas"
	betas := make([]float64, 0, len(texts))
	for _, text := range texts {
		beta, c := info.Parse(strings.TrimSpace(text))
		if c != nil {
			return nil, c
		}
		if slices.Contains(betas, beta) {
			return nil, &data.Complaint{Code: "betas.twice", Field: info.Key, Value: data.FormatNumber(beta)}
		}
		betas = append(betas, beta)
	}
	if len(betas) < least || len(betas) > MostBetas {
		return nil, &data.Complaint{Code: "betas", Field: info.Key, Value: strconv.Itoa(len(betas)),
			Min: strconv.Itoa(least), Max: strconv.Itoa(MostBetas)}
	}
	slices.Sort(betas)
	return betas, nil
}
