package core

// A Reply is one arm of the bandit: something the policy may say to a prompt.
type Reply struct {
	Text string
	// Reward is the true reward in nats of preference: under Bradley–Terry a
	// reply beats another with probability σ(difference of their rewards).
	// It is meaningful only where the data set says Rewarded.
	Reward float64
	// Tokens is the reply's length, which only losses per token read. 0 stands
	// for not known and counts as 1.
	Tokens float64
	// Features is what a linear policy sees of the reply: its logit moves by
	// Features·(θ − θ₀). Shorter ones are as if filled up with zeros, and a reply
	// without any keeps the reference's logit.
	Features []float64
	// Custom is a reward of the user's own, which only RLHF reads: added to the
	// fitted one or, with RewardFit FitNothing, in its place.
	Custom float64
}

// A Prompt is a question and the replies the policy chooses between.
type Prompt struct {
	Text    string
	Replies []Reply
	// Reference holds the reference policy's weights, one per reply, positive;
	// its probabilities are these divided by their sum. Nil means uniform.
	Reference []float64
}

// A Pair says that to one prompt the reply Chosen was preferred to the reply
// Rejected Count times. Both are indices into the prompt's replies. Counts of
// the exact population are fractions; counted votes are whole numbers.
type Pair struct {
	Prompt, Chosen, Rejected int
	Count                    float64
}

// A Thumb says that one reply to a prompt was called good Up times and bad Down
// times, by itself and compared with no other. Reply is an index into the
// prompt's replies; the counts are whole numbers, at least one of them above 0.
type Thumb struct {
	Prompt, Reply int
	Up, Down      float64
}

// A Dataset is everything the training data says: the prompts with their
// replies, the preferences between them, and thumbs up and down on them. Losses
// of pairs read Pairs alone; those of single replies read Thumbs, and of every
// pair its chosen reply as one thumb up and its rejected one as one down.
type Dataset struct {
	Prompts []Prompt
	Pairs   []Pair
	Thumbs  []Thumb
	// Rewarded tells that the replies' Reward fields were given. Data from a
	// file knows only who was preferred to whom.
	Rewarded bool
}
