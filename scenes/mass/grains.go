package mass

import (
	"math"

	"dpoplayground/scenes/picture"
)

// grainCount is how many grains the probability is cut into: each stands for
// 1/2000 of the policy's mass.
const grainCount = 2000

// A flight lasts from minFlight to maxFlight milliseconds, each grain its own
// time, so that a cloud of them does not move as one sheet.
const (
	minFlight = 180
	maxFlight = 290
	maxAge    = 300 // no grain is in the air for longer, redirected or not
)

// Grains is a policy's probability as sand. Every bar of K replies holds a
// stack of grains whose heights are the policy rounded to 1/2000 by largest
// remainder, at every moment: no grain is ever lost or made. When the policy
// changes, grains fly from bar to bar along the flows of mass and land within
// 300 ms.
//
// Set Jump for reduced motion: grains then change bars without a flight.
type Grains struct {
	Jump bool

	grains [grainCount]grain
	places [grainCount]picture.Point // where slot i lies in a bar, as fractions of its width and height
	stacks [][]uint16                // of each bar: its grains, by slot
	target []int                     // of each bar: how many grains it must hold
	rest   []float64                 // scratch: remainders
	lowest []int                     // scratch: see takeOff
	debt   []float64                 // K×K, antisymmetric: grains that flows from j to k still owe
	placed bool                      // the grains have been somewhere on the screen
	until  float64                   // when the last flight ends
	shown  float64                   // when place was last called
}

type grain struct {
	bar, slot  uint16
	at, from   picture.Point // where it was last drawn, and where its flight began
	start, end float64       // of its flight, in milliseconds
	left       float64       // when it left the last bar it rested in
}

// NewGrains returns grains without bars; Reset gives them some.
func NewGrains() *Grains {
	g := &Grains{}
	for i := range g.places {
		g.places[i] = slotPlace(i)
	}
	return g
}

// slotPlace is a point of the unit square: the R2 sequence (M. Roberts, "The
// unreasonable effectiveness of quasirandom sequences", 2018), any beginning of
// which covers the square evenly, moved a little at random so that it looks
// like sand and not like a lattice.
func slotPlace(i int) picture.Point {
	const plastic = 1.32471795724474602596 // the real root of x³ = x + 1
	spread := 0.7 / math.Sqrt(float64(i)+12)
	u := float64(i)/plastic + (unit(2*i)-0.5)*spread
	v := float64(i)/(plastic*plastic) + (unit(2*i+1)-0.5)*spread
	return picture.Point{float32(u - math.Floor(u)), float32(v - math.Floor(v))}
}

// unit is a fixed number in [0, 1) for each n: the finaliser of SplitMix64
// (Steele, Lea, Flood 2014).
func unit(n int) float64 {
	x := (uint64(n) + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}

// Reset lays all grains to rest in len(policy) bars. The policy is K numbers
// that are finite, not below zero and not all zero; it panics on others.
func (g *Grains) Reset(policy []float64) {
	k := len(policy)
	g.size(k)
	g.apportion(policy)
	n := 0
	for j := range k {
		g.stacks[j] = g.stacks[j][:0]
		for range g.target[j] {
			g.grains[n] = grain{at: g.grains[n].at}
			g.push(n, j)
			n++
		}
	}
	g.until, g.placed = 0, false
	clear(g.debt)
}

// size makes room for k bars.
func (g *Grains) size(k int) {
	if k == len(g.stacks) {
		return
	}
	g.stacks = make([][]uint16, k)
	for j := range g.stacks {
		g.stacks[j] = make([]uint16, 0, grainCount)
	}
	g.target, g.lowest = make([]int, k), make([]int, k)
	g.rest, g.debt = make([]float64, k), make([]float64, k*k)
}

// Move makes the grains follow the policy at time now, in milliseconds on a
// clock that never goes back. Its length is that of the last Reset. The flow
// says by which ways: flow[j*K+k] is the mass that went from reply j to reply k
// since the last call; entries below zero are passed over, so that it may be
// antisymmetric as well. Flows are added up until they are worth whole grains.
// With a nil flow grains take the shortest ways. However the flows and the
// policy fit together, the bars hold the policy's counts when Move returns.
func (g *Grains) Move(policy, flow []float64, now float64) {
	g.apportion(policy)
	if flow == nil {
		clear(g.debt)
	} else {
		g.owe(flow)
	}
	for j, s := range g.stacks {
		g.lowest[j] = len(s)
	}
	g.circulate(now)
	for j := range g.stacks {
		for len(g.stacks[j]) > g.target[j] {
			g.send(j, now)
		}
	}
	g.forgive()
}

// apportion sets the targets: the policy in grains by largest remainder.
func (g *Grains) apportion(policy []float64) {
	if len(policy) != len(g.stacks) {
		panic("scenes: grains have other bars than the policy: call Reset")
	}
	sum := 0.0
	for _, p := range policy {
		sum += p
		if !(p >= 0) {
			panic("scenes: a probability for grains is below zero or not a number")
		}
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		panic("scenes: probabilities for grains need a finite sum above zero")
	}
	left := grainCount
	for k, p := range policy {
		exact := p / sum * grainCount
		g.target[k] = int(exact)
		g.rest[k] = exact - math.Floor(exact)
		left -= g.target[k]
	}
	for ; left > 0; left-- {
		k := largest(g.rest)
		g.target[k]++
		g.rest[k]--
	}
}

func largest(x []float64) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// owe adds the flows to what is owed.
func (g *Grains) owe(flow []float64) {
	k := len(g.stacks)
	limit := float64(grainCount)
	for j := range k {
		for i := range k {
			f := flow[j*k+i] * grainCount
			if f > 0 {
				g.debt[j*k+i] = min(g.debt[j*k+i]+f, limit)
				g.debt[i*k+j] = -g.debt[j*k+i]
			}
		}
	}
}

// circulate pays debts that have grown beyond K grains though no bar has too
// many: mass that goes round. Each bar's debts add up to less than a grain, so
// what goes out here comes round again when the surplus is passed on.
func (g *Grains) circulate(now float64) {
	k := len(g.stacks)
	for j := range k {
		for i := range k {
			for g.debt[j*k+i] > float64(k) && len(g.stacks[j]) > 0 {
				g.transfer(j, i, now)
			}
		}
	}
}

// send passes one grain out of bar j, and on through other bars as flows demand,
// until it reaches one that has room. Each leg that is not the last lowers the
// sum of all debts, so it ends.
func (g *Grains) send(j int, now float64) {
	k := len(g.stacks)
	for len(g.stacks[j]) > g.target[j] {
		to := largest(g.debt[j*k : (j+1)*k])
		if g.debt[j*k+to] <= 0.5 {
			to = g.needy(j)
		}
		g.transfer(j, to, now)
		j = to
	}
}

// forgive keeps debts to what honest flows can leave, so that flows which do
// not fit the policy cannot pile them up.
func (g *Grains) forgive() {
	limit := float64(len(g.stacks))
	for i, d := range g.debt {
		g.debt[i] = min(max(d, -limit), limit)
	}
}

// needy is the bar short of grains to which bar j owes the most.
func (g *Grains) needy(j int) int {
	k, best := len(g.stacks), -1
	for i := range k {
		if len(g.stacks[i]) < g.target[i] && (best < 0 || g.debt[j*k+i] > g.debt[j*k+best]) {
			best = i
		}
	}
	return best
}

// transfer moves one grain from bar j to bar k.
func (g *Grains) transfer(j, k int, now float64) {
	n := g.takeOff(j, now)
	g.push(n, k)
	g.fly(n, now)
	size := len(g.stacks)
	g.debt[j*size+k]--
	g.debt[k*size+j]++
}

// takeOff removes a grain from bar j: the highest that lies still, so that a
// grain on its way in is not turned round as long as another can go. The
// grain on top then takes the empty slot.
func (g *Grains) takeOff(j int, now float64) int {
	s := g.stacks[j]
	top := len(s) - 1
	i := min(g.lowest[j], len(s)) - 1
	for i >= 0 && g.grains[s[i]].end > now {
		i--
	}
	g.lowest[j] = max(i, 0)
	if i < 0 {
		i = top
	}
	n := s[i]
	if i != top {
		s[i] = s[top]
		g.grains[s[i]].slot = uint16(i)
		g.bend(int(s[i]), now)
	}
	g.stacks[j] = s[:top]
	return int(n)
}

func (g *Grains) push(n, k int) {
	g.grains[n].bar, g.grains[n].slot = uint16(k), uint16(len(g.stacks[k]))
	g.stacks[k] = append(g.stacks[k], uint16(n))
}

// fly starts a grain's flight from where it was last drawn. A grain that is
// already in the air must still land within maxAge of leaving its bar.
func (g *Grains) fly(n int, now float64) {
	q := &g.grains[n]
	if g.Jump || !g.placed {
		q.end = now
		return
	}
	if q.end <= now {
		q.left = now
	}
	q.from, q.start = q.at, now
	q.end = min(now+minFlight+(maxFlight-minFlight)*unit(n), q.left+maxAge)
	g.until = max(g.until, q.end)
}

// bend gives a grain in the air a new place to land at the same time. One that
// lies still just slides there.
func (g *Grains) bend(n int, now float64) {
	q := &g.grains[n]
	if q.end > now {
		q.from, q.start = q.at, now
	}
}

// Moving tells whether any grain has still to be drawn somewhere else, that is,
// whether another frame is needed though the policy rests.
func (g *Grains) Moving(now float64) bool { return now < g.until || g.shown < g.until }

// place appends to dst where the centre of every grain is at time now, given
// the rectangle of each bar: those at rest first, then those in the air, whose
// number is returned. A bar that grows takes its grains along.
func (g *Grains) place(dst []picture.Point, bars []picture.Bar, now float64) ([]picture.Point, int) {
	flying := 0
	for i := range g.grains {
		q := &g.grains[i]
		if q.end > now {
			flying++
			continue
		}
		q.at = g.home(q, bars)
		dst = append(dst, q.at)
	}
	if flying > 0 {
		dst = g.placeFlying(dst, bars, now)
	}
	g.placed, g.shown = true, now
	return dst, flying
}

func (g *Grains) home(q *grain, bars []picture.Bar) picture.Point {
	b, u := &bars[q.bar], g.places[q.slot]
	return picture.Point{b.X + u.X*b.W, b.Y + (1-u.Y)*b.H}
}

func (g *Grains) placeFlying(dst []picture.Point, bars []picture.Bar, now float64) []picture.Point {
	for i := range g.grains {
		q := &g.grains[i]
		if q.end <= now {
			continue
		}
		t := float32((now - q.start) / (q.end - q.start))
		q.at = arc(q.from, g.home(q, bars), min(max(t, 0), 1))
		dst = append(dst, q.at)
	}
	return dst
}

// arc is a point of a thrown grain's path: it starts and ends slowly and rises
// by a quarter of the way it goes sideways, but never out of the picture.
func arc(from, to picture.Point, t float32) picture.Point {
	s := t * t * (3 - 2*t)
	lift := min(float32(math.Abs(float64(to.X-from.X)))/4, 60, max(min(from.Y, to.Y)-4, 0))
	return picture.Point{from.X + (to.X-from.X)*s, from.Y + (to.Y-from.Y)*s - 4*lift*s*(1-s)}
}
