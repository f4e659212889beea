package landscape

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/train"
)

// A Field is the loss of the shown prompt's votes over the probabilities of
// three of its replies, the corners of a triangle. What is held: every other
// reply keeps its probability, and so the three together keep theirs, P. At a
// point p of the triangle, p₀ + p₁ + p₂ = 1, a corner has
//
//	log π_i = log P + log p_i
//
// and Loss is the mean over the prompt's votes. With three replies in all, P is
// 1 and nothing is held. Under RLHF it is −J instead, with the reward as it is.
//
// A point with p₀ = a/FieldSteps and p₂ − p₁ = 2x − 1 stands in row FieldSteps−a
// and column x·FieldSteps: the first corner at the top, the second at the left.
// An edge, where the loss may be infinite, stands for a place a quarter of a cell
// inside. A few cells beyond the edges are filled as well, so that what is drawn
// there can be smoothed; what lies further out means nothing.
type Field struct {
	Loss []float64 // FieldSide rows of FieldSide
	// Low is the least loss, High the greatest away from the edges, and Middle the
	// median of what is above Low: bounds that no infinity at an edge moves.
	Low, Middle, High float64

	corners []int
	course  optimum.Course
	reward  rewardField
	g       optimum.Landscape
	logits  []float64 // log π of all replies
	down    []float64 // scratch of Flow
	apart   bool      // the loss is a sum of what tables and ties hold

	table [3][]float64 // what one corner's probability decides, by its place
	score [3][]float64 // its score there
	power [3][]float64 // e^(β·score) there, but for a factor, of a logistic loss
	ratio [3]float64   // and what of that factor is missing between corners i and i+1
	rest  float64      // what none does
	ties  [3]tie       // between corners (0, 1), (1, 2) and (2, 0)
	lone  []touch      // votes between a corner and another reply

	order   *fieldOrder
	touched int // of lone, how many are in the tables
	next    int // of the order's cells
	grids   int // of the order, how many are whole
	sample  []float64
}

// FieldSteps is how many steps a probability takes from 0 to 1 on a Field's
// grid, and FieldSide how many values.
const (
	FieldSteps = 128
	FieldSide  = FieldSteps + 1
	fieldPlace = 2 * FieldSteps // places of a probability: between columns too
)

// A tie is the votes between two corners.
type tie struct {
	up, down float64 // share of all votes that preferred the first, and the second
}

// A touch is one vote between a corner and a reply that is held.
type touch struct {
	corner int
	score  float64 // of the other
	weight float64 // its share of all votes
	chosen bool    // the corner was
}

// NewField returns an empty field.
func NewField() *Field {
	f := &Field{Loss: make([]float64, FieldSide*FieldSide), order: newFieldOrder()}
	for i := range f.table {
		f.table[i], f.score[i], f.power[i] = make([]float64, fieldPlace+1), make([]float64, fieldPlace+1), make([]float64, fieldPlace+1)
	}
	return f
}

// HoldPolicy sets the probabilities that are held, log π of all replies. Work then
// has everything to do.
func (f *Field) HoldPolicy(logPi []float64) {
	f.logits = append(f.logits[:0], logPi...)
	f.next, f.grids, f.touched, f.lone = 0, 0, 0, f.lone[:0]
	f.apart = f.reward.is || f.separates()
	switch {
	case f.reward.is:
		f.tabulateReward()
	case f.apart:
		if f.tabulate(); len(f.lone) == 0 {
			f.apart = f.holds()
		}
	}
}

// setCourse takes the course of another experiment.
func (f *Field) setCourse(c optimum.Course, corners []int) {
	f.course, f.corners, f.reward.is = c, append(f.corners[:0], corners...), false
	f.g.Survey(&f.course, c.LogRef)
	f.down = append(f.down[:0], c.LogRef...)
}

// separates tells that the loss is a sum over votes or thumbs, none of which
// depends on another.
func (f *Field) separates() bool {
	o := f.course.Loss.Objective
	return len(f.corners) == 3 && !o.Baseline && o.Sorted == objective.Unsorted
}

// holds checks the tables against the loss itself.
func (f *Field) holds() bool {
	p := [3]float64{0.5, 0.25, 0.25}
	loss := f.At(p[:])
	return math.Abs(f.sum(FieldSteps/2, FieldSteps/2)-loss) <= 1e-9*max(1, math.Abs(loss))
}

// total returns log P.
func (f *Field) total() float64 {
	sum := 0.0
	for _, k := range f.corners {
		sum += num.Exp(f.logits[k])
	}
	return num.Log(sum)
}

// At returns the loss at a point. It may be infinite where a probability is 0.
func (f *Field) At(p []float64) float64 {
	back := f.moveCorners(p)
	defer f.moveBack(back)
	return f.LossAt(f.logits)
}

// LossAt returns the loss where all replies have given log-probabilities.
func (f *Field) LossAt(logPi []float64) float64 {
	if f.reward.is {
		return f.reward.loss(logPi)
	}
	f.g.SlopeAt(logPi, nil)
	return f.g.Value
}

// Flow sets dp to the direction in which plain gradient descent on the logits of
// a table moves a point:
//
//	ż = −∂L/∂z,   dp_i = p_i(ż_i − Σ_j p_j ż_j)
//
// The logits of all replies move, and dp is how the corners' shares do. It is
// steepest in logits and not in the plane, so it need not cross level lines at
// right angles. It returns the loss there.
func (f *Field) Flow(dp, p []float64) (loss float64) {
	back := f.moveCorners(p)
	if f.reward.is {
		f.reward.ascent(f.down, f.logits)
		loss = f.reward.loss(f.logits)
	} else {
		f.g.SlopeAt(f.logits, f.down)
		loss = f.g.Value
	}
	f.moveBack(back)
	mean := 0.0
	for i, k := range f.corners {
		mean += float64(p[i] * f.down[k])
	}
	for i, k := range f.corners {
		dp[i] = float64(p[i] * (f.down[k] - mean))
	}
	return loss
}

// moveCorners puts the corners at a point, and returns where they were.
func (f *Field) moveCorners(p []float64) (back [3]float64) {
	total := f.total()
	for i, k := range f.corners {
		back[i], f.logits[k] = f.logits[k], total+num.Log(p[i])
	}
	return back
}

func (f *Field) moveBack(back [3]float64) {
	for i, k := range f.corners {
		f.logits[k] = back[i]
	}
}

// logPlace is log p of a place of a probability.
func logPlace(place int) float64 {
	if place == 0 {
		return num.Log(0.5 / fieldPlace)
	}
	return num.Log(float64(place) / fieldPlace)
}

// tabulate fills tables and ties from the votes, or thumbs.
func (f *Field) tabulate() {
	f.rest, f.ties = 0, [3]tie{}
	total := f.total()
	for i, k := range f.corners {
		for n := range f.score[i] {
			f.table[i][n] = 0
			f.score[i][n] = f.scoreAt(k, total+logPlace(n))
		}
	}
	if f.isLogistic() {
		f.raise()
	}
	b := &f.g.Batch
	if f.course.Loss.Objective.Reply != nil {
		n := b.Chosen.Total() + b.Rejected.Total()
		f.addReplies(&b.Chosen, f.g.Won, f.course.Loss.Reply.Good, n)
		f.addReplies(&b.Rejected, f.g.Lost, f.course.Loss.Reply.Bad, n)
		return
	}
	n := b.Chosen.Total()
	for i, w := range f.g.Won {
		f.addVote(w, f.g.Lost[i], b.Chosen.Weight[i]/n)
	}
}

// scoreAt returns the score of a reply with a given log π.
func (f *Field) scoreAt(k int, logPi float64) float64 {
	return f.course.Loss.Objective.Score(logPi, f.course.LogRef[k], num.At(f.course.Tokens, k, 1))
}

// addReplies adds the thumbs of one kind.
func (f *Field) addReplies(s *objective.Side, replies []int, of func(score, baseline float64) (loss, slope float64), n float64) {
	for j, k := range replies {
		weight := s.WeightAt(j) / n
		i := slices.Index(f.corners, k)
		if i < 0 {
			loss, _ := of(f.scoreAt(k, f.logits[k]), 0)
			f.rest += weight * loss
			continue
		}
		for place, score := range f.score[i] {
			loss, _ := of(score, 0)
			f.table[i][place] += weight * loss
		}
	}
}

// addVote sorts a vote by how many of its replies are corners.
func (f *Field) addVote(w, l int, weight float64) {
	i, j := slices.Index(f.corners, w), slices.Index(f.corners, l)
	switch {
	case i < 0 && j < 0:
		f.rest += f.course.Loss.Of(f.scoreAt(w, f.logits[w]), f.scoreAt(l, f.logits[l]), weight)
	case j < 0 || i == j: // where one side alone is read, the other is the same
		f.lone = append(f.lone, touch{i, f.scoreAt(l, f.logits[l]), weight, true})
	case i < 0:
		f.lone = append(f.lone, touch{j, f.scoreAt(w, f.logits[w]), weight, false})
	case (i+1)%3 == j:
		f.ties[i].up += weight
	default:
		f.ties[j].down += weight
	}
}

func (f *Field) addTouch(t *touch) {
	l, table := f.course.Loss, f.table[t.corner]
	for place, score := range f.score[t.corner] {
		if t.chosen {
			table[place] += l.Of(score, t.score, t.weight)
		} else {
			table[place] += l.Of(t.score, score, t.weight)
		}
	}
}

// places returns where the three probabilities of a cell stand, at the nearest
// place that there is.
func places(row, column int) (a, b, c int) {
	a = FieldSteps - row
	b, c = fieldPlace-2*column-a, 2*column-a
	return 2 * a, min(max(b, 0), fieldPlace), min(max(c, 0), fieldPlace)
}

// sum returns the loss of a cell from the tables.
func (f *Field) sum(row, column int) float64 {
	a, b, c := places(row, column)
	loss := f.rest + f.table[0][a] + f.table[1][b] + f.table[2][c]
	if f.reward.is {
		return loss
	}
	return loss + f.tied(0, a, b) + f.tied(1, b, c) + f.tied(2, c, a)
}

// tied returns the loss of the votes between corners i and i+1.
func (f *Field) tied(i, place, next int) float64 {
	t, l := &f.ties[i], f.course.Loss
	if t.up == 0 && t.down == 0 {
		return 0
	}
	j := (i + 1) % 3
	x, y := f.score[i][place], f.score[j][next]
	if m := &l.Margin; f.isLogistic() {
		u := l.Params.Beta * (x - y)
		right, wrong := sigmoidLossesNear(u, f.power[i][place]/f.power[j][next]*f.ratio[i])
		return (t.up*m.Own+t.down*m.Other)*right + (t.down*m.Own+t.up*m.Other)*wrong
	}
	return l.Of(x, y, t.up) + l.Of(y, x, t.down)
}

func (f *Field) isLogistic() bool {
	m := &f.course.Loss.Margin
	return m.Logistic && m.Shift == 0
}

// raise fills the tables of powers, so that e^u of a pair of corners costs a
// division instead of an exponential.
func (f *Field) raise() {
	beta := f.course.Loss.Params.Beta
	var middle [3]float64
	for i := range f.power {
		middle[i] = beta * f.score[i][fieldPlace/3]
		for n, score := range f.score[i] {
			f.power[i][n] = num.Exp(float64(beta*score) - middle[i])
		}
	}
	for i := range f.ratio {
		f.ratio[i] = num.Exp(middle[i] - middle[(i+1)%3])
	}
}

// sigmoidLossesNear is sigmoidLosses where e^u is known, unless it has overflowed.
func sigmoidLossesNear(u, e float64) (right, wrong float64) {
	switch {
	case !(e > 1e-290 && e < 1e290):
		return train.SigmoidLosses(u)
	case e > 1:
		right = num.Log1pUnit(1 / e)
		return right, right + u
	}
	wrong = num.Log1pUnit(e)
	return wrong - u, wrong
}

// Work does about as much as n cells take, and tells whether all are filled in.
// They come in ever finer grids, of every fourth cell, every second, and every
// one; what is between them is filled in for the time being.
func (f *Field) Work(n int) (done bool) {
	if n = f.addTouches(n); n <= 0 {
		return false
	}
	whole := f.grids
	for ; n > 0 && f.next < len(f.order.cells); n-- {
		cell := int(f.order.cells[f.next])
		f.Loss[cell] = f.cell(cell/FieldSide, cell%FieldSide)
		if f.next++; f.next == f.order.ends[f.grids] {
			f.grids++
		}
	}
	if f.grids > whole {
		f.fillCells(fieldStrides[f.grids-1])
		f.setBounds(fieldStrides[f.grids-1])
	}
	return f.next == len(f.order.cells)
}

// addTouches goes on with the tables, and returns what is left of n.
func (f *Field) addTouches(n int) int {
	if f.touched == len(f.lone) {
		return n
	}
	for ; n > 0 && f.touched < len(f.lone); n -= fieldPlace / 3 {
		f.addTouch(&f.lone[f.touched])
		f.touched++
	}
	if f.touched == len(f.lone) {
		f.apart = f.holds()
	}
	return n
}

func (f *Field) cell(row, column int) float64 {
	if f.apart {
		return f.sum(row, column)
	}
	a, b, c := places(row, column)
	p := [3]float64{num.Exp(logPlace(a)), num.Exp(logPlace(b)), num.Exp(logPlace(c))}
	return f.At(p[:])
}

// Grids returns how many grids are whole, of the three from coarse to fine. From
// the first on every cell has a value, be it for the time being.
func (f *Field) Grids() int { return f.grids }

// fillCells interpolates between the cells of a grid.
func (f *Field) fillCells(stride int) {
	if stride == 1 {
		return
	}
	for _, cell := range f.order.cells[f.next:] {
		row, column := int(cell)/FieldSide, int(cell)%FieldSide
		r, c := row-row%stride, column-column%stride
		r1, c1 := min(r+stride, FieldSteps), min(c+stride, FieldSteps)
		v, u := float64(row-r)/float64(stride), float64(column-c)/float64(stride)
		up := f.Loss[r*FieldSide+c]*(1-u) + f.Loss[r*FieldSide+c1]*u
		down := f.Loss[r1*FieldSide+c]*(1-u) + f.Loss[r1*FieldSide+c1]*u
		f.Loss[cell] = up*(1-v) + down*v
	}
}

// setBounds sets the bounds, from the cells of a grid.
func (f *Field) setBounds(stride int) {
	const coarse = 4
	f.Low, f.High = math.Inf(1), math.Inf(-1)
	f.sample = f.sample[:0]
	for row := 0; row < FieldSide; row += stride {
		from, to := FieldRow(row)
		for column := from; column <= to; column++ {
			if column%stride == 0 {
				f.Low = min(f.Low, f.Loss[row*FieldSide+column])
			}
			if row%coarse == 0 && column%coarse == 0 && row > 2*coarse && row < FieldSteps && column > from+1 && column < to-1 {
				f.sample = append(f.sample, f.Loss[row*FieldSide+column])
			}
		}
	}
	slices.Sort(f.sample)
	f.High = f.sample[len(f.sample)-1]
	above, _ := slices.BinarySearch(f.sample, f.Low+1e-9*(f.High-f.Low))
	f.Middle = f.sample[(min(above, len(f.sample)-1)+len(f.sample)-1)/2]
}

// FieldRow returns the first and the last column inside the triangle.
func FieldRow(row int) (from, to int) {
	a := FieldSteps - row
	return (a + 1) / 2, (fieldPlace - a) / 2
}

// fieldStrides are the grids of a field that is filled in bit by bit.
var fieldStrides = [...]int{4, 2, 1}

// A fieldOrder lists the cells of the triangle, and those beside it, grid by
// grid.
type fieldOrder struct {
	cells []int32
	ends  [len(fieldStrides)]int // of the grids among cells
}

func newFieldOrder() *fieldOrder {
	o := &fieldOrder{}
	for i, stride := range fieldStrides {
		for row := 0; row < FieldSide; row += stride {
			from, to := FieldRow(row)
			for column := max(from-3*stride, 0); column <= min(to+3*stride, FieldSteps); column++ {
				before := i > 0 && row%fieldStrides[i-1] == 0 && column%fieldStrides[i-1] == 0
				if column%stride == 0 && !before {
					o.cells = append(o.cells, int32(row*FieldSide+column))
				}
			}
		}
		o.ends[i] = len(o.cells)
	}
	return o
}

// A FieldState says whether there is a surface that the run goes down.
type FieldState string

// The states. The sentences of all but FieldShown are in the catalogue under
// "landscape.none.".
const (
	FieldShown   FieldState = ""
	FieldShared  FieldState = "shared"  // the loss couples the votes of several prompts
	FieldOnline  FieldState = "online"  // new votes are asked for all the time
	FieldFitting FieldState = "fitting" // the reward model has not been fitted yet
	FieldSilent  FieldState = "silent"  // there is nothing on the shown prompt's replies to learn from
	FieldCarried FieldState = "carried" // nor then, and yet they move with the weights that they share with others
	FieldLarge   FieldState = "large"   // too many pairs of them were compared
	FieldGone    FieldState = "gone"    // the replies chosen have no probability left
)

// mostFieldPairs is how many pairs of replies may be compared for the loss to be
// drawn: to look at more takes too long.
const mostFieldPairs = 20_000

// Pose makes f the field of the lab's shown prompt between some of its
// replies, three, or two for a line. Place must follow.
func Pose(l *core.Lab, f *Field, corners []int) FieldState {
	s := &l.Experiment.Settings
	held := 0.0
	for _, k := range corners {
		held += num.Exp(l.Policy()[k])
	}
	switch o := s.Objective(); {
	case !(held > 0):
		return FieldGone
	case s[core.How] == core.LearnOnline:
		return FieldOnline
	case s[core.How] == core.LearnByRLHF:
		rlhf := l.RLHF()
		if rlhf == nil {
			return FieldFitting
		}
		f.poseReward(rlhf, l.Prompt(), corners)
		return FieldShown
	case len(l.Problem.Prompts) > 1 && (o.Baseline || o.Sorted != objective.Unsorted):
		return FieldShared
	case len(l.Problem.TalliesOf(l.Prompt())) > mostFieldPairs:
		return FieldLarge
	}
	c := l.Course(l.Problem.VotesOf(l.Prompt()), l.Beta())
	if len(c.Votes)+len(c.Thumbs) == 0 {
		if l.Heard() {
			return FieldCarried
		}
		return FieldSilent
	}
	if from, to := l.Problem.Range(l.Prompt()); !l.Meter.Frozen {
		c.LogRef = make([]float64, to-from)
		for k := range c.LogRef {
			c.LogRef[k] = l.Meter.LogPi[from+k] - l.Meter.Leash[from+k]
		}
	}
	f.setCourse(c, corners)
	return FieldShown
}
