package core

import (
	"math"
	"testing"
)

// Settings refuse what their table does not allow, and say so.
func TestSettingsRefuse(t *testing.T) {
	s := DefaultSettings()
	for p := range ParamCount {
		info := &Params()[p]
		for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), info.Max + 1, info.Min - 1} {
			if again, c := s.With(p, x); c == nil || again != s || c.Field != info.Key {
				t.Errorf("%s = %v is allowed", info.Key, x)
			}
		}
		if again, c := s.With(p, info.Max); c != nil || again[p] != info.Max {
			t.Errorf("%s = %v is refused: %v", info.Key, info.Max, c)
		}
		if _, c := s.With(p, info.Min+0.5*math.Min(1, info.Max-info.Min)); (c != nil) != info.Whole {
			t.Errorf("%s: half a step is %v", info.Key, c)
		}
		if info.check(info.Default) != nil || info.Choices != nil && int(info.Max) != len(info.Choices)-1 {
			t.Errorf("%s: the table contradicts itself", info.Key)
		}
	}
}
