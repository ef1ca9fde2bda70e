package release

import (
	"maps"
	"slices"
)

// Target is one workload and how it is released: the user's file, read and with its defaults filled in.
// Package targetfile reads and validates it; the JSON form is what stands in SSM at run time. A field with a default is
// always written there: left out it would be read back as its default, not as the zero that was meant.
type Target struct {
	Name           TargetName   `json:"name"`
	Platform       PlatformName `json:"platform"`
	ECSQueue       *ECSQueue    `json:"ecsQueue,omitempty"`
	LambdaAlias    *LambdaAlias `json:"lambdaAlias,omitempty"`
	ECSALB         *ECSALB      `json:"ecsALB,omitempty"`
	EC2Mirror      *EC2Mirror   `json:"ec2Mirror,omitempty"`
	Source         Source       `json:"source,omitzero"`
	Plan           Plan         `json:"plan"`
	Checks         Checks       `json:"checks"`
	Hooks          []Hook       `json:"hooks,omitempty"`
	Approvals      Approvals    `json:"approvals"`
	Concurrency    Concurrency  `json:"concurrency"`
	Freeze         []string     `json:"freeze,omitempty"` // windows like "Fri 16:00-Mon 08:00 Europe/Berlin"
	Emergency      *Emergency   `json:"emergency,omitempty"`
	RollbackWindow Duration     `json:"rollbackWindow"`
	Notify         string       `json:"notify,omitempty"` // SNS topic ARN; the core's own topic where empty
	Role           string       `json:"role,omitempty"`   // base of the two role names or ARNs, without -look and -change
}

// PlatformName names a kind of workload.
type PlatformName string

// The platforms.
const (
	PlatformECSQueue    PlatformName = "ecs-queue"    // two ECS services on one SQS queue, no load balancer
	PlatformLambdaAlias PlatformName = "lambda-alias" // two published versions of a function behind a weighted alias
	PlatformEC2Mirror   PlatformName = "ec2-mirror"   // a temporary stack that gets copies of the live stack's read-only requests
	PlatformECSALB      PlatformName = "ecs-alb"      // two ECS services behind one listener rule with weights
)

// Units is what the platform's units of work are called, in the plural.
func (p PlatformName) Units() string {
	switch p {
	case PlatformECSQueue:
		return "messages"
	case PlatformLambdaAlias:
		return "invocations"
	}
	return "requests"
}

// ECSQueue says where an ecs-queue workload lives.
type ECSQueue struct {
	Cluster        string `json:"cluster"`        // name or ARN
	PrimaryService string `json:"primaryService"` // high capacity, may be scaled
	CanaryService  string `json:"canaryService"`  // low capacity, fixed
	Container      string `json:"container"`      // the container whose image is released
	Queue          string `json:"queue"`          // name or URL of the queue that both services read
}

// ECSALB says where an ecs-alb workload lives. The two target groups are those in which the services register their
// tasks.
type ECSALB struct {
	Cluster        string `json:"cluster"`        // name or ARN
	PrimaryService string `json:"primaryService"` // serves; may be scaled
	CanaryService  string `json:"canaryService"`  // serves a new revision while it is judged
	Container      string `json:"container"`      // the container whose image is released
	ListenerRule   string `json:"listenerRule"`   // ARN; a listener's default rule is one, too
}

// LambdaAlias says where a lambda-alias workload lives.
type LambdaAlias struct {
	Function string `json:"function"` // name or ARN, without a version
	Alias    string `json:"alias"`
}

// EC2Mirror says where an ec2-mirror workload lives. The live stack and the temporary one have the same parameters and
// outputs.
type EC2Mirror struct {
	Stack      string           `json:"stack"`              // the live CloudFormation stack
	Temporary  string           `json:"temporary"`          // name of the stack that runs the new version for as long as it is judged
	Template   string           `json:"template,omitempty"` // URL in S3 of the temporary stack's template; the live stack's own where empty
	Parameters MirrorParameters `json:"parameters"`
	Outputs    MirrorOutputs    `json:"outputs"`
	Proxy      MirrorProxy      `json:"proxy"`
	Idempotent bool             `json:"idempotent"` // answering a read twice does no harm: it must be said
}

// MirrorParameters are the names of the stacks' parameters that a release sets.
type MirrorParameters struct {
	Image         string `json:"image"`         // the image with its digest
	ProxyMode     string `json:"proxyMode"`     // nginx or envoy
	MirrorHost    string `json:"mirrorHost"`    // host:port that copies go to, empty for none
	MirrorPercent string `json:"mirrorPercent"` // 0 to 100
}

// MirrorOutputs are the names of the stacks' outputs that a release reads.
type MirrorOutputs struct {
	Endpoint     string `json:"endpoint"`     // host:port of the load balancer
	LoadBalancer string `json:"loadBalancer"` // its ARN
	TargetGroup  string `json:"targetGroup"`  // its target group's ARN
}

// MirrorProxy is what the two proxies in front of a mirrored service have in common. The configurations are made from it
// when the service is deployed; a release does not read it.
type MirrorProxy struct {
	Listen    int           `json:"listen"`           // port
	Service   string        `json:"service"`          // host:port of the service behind it
	Health    string        `json:"health"`           // path of the load balancer's health check, never mirrored
	Timeout   Duration      `json:"timeout"`          // the longest silence of the service before users get 504
	Connect   Duration      `json:"connect"`          // the longest wait for a connection to the service before users get 504
	MaxBody   int64         `json:"maxBody"`          // bytes of a request's body; more is answered 413
	KeepAlive Duration      `json:"keepAlive"`        // how long an idle connection of a client stays open
	Hops      int           `json:"hops"`             // proxies in front whose X-Forwarded-* are believed
	Routes    []MirrorRoute `json:"routes,omitempty"` // what is special about some paths
}

// MirrorRoute says what is special about the requests under a path. The longest prefix that fits decides.
type MirrorRoute struct {
	Prefix     string   `json:"prefix"`          // of the path, with a slash at the front
	Mirror     []string `json:"mirror,omitzero"` // methods that are mirrored; nil: GET and HEAD; empty and not nil: none
	Websockets bool     `json:"websockets"`      // are let through; such a route is not mirrored
}

// Source says where revisions come from.
type Source struct {
	ECR *ECRSource `json:"ecr,omitempty"`
	S3  *S3Source  `json:"s3,omitempty"`
}

// S3Source is a place in a bucket where a function's zip files are put. An object anywhere else is refused.
type S3Source struct {
	Bucket string `json:"bucket"` // with versioning
	Prefix string `json:"prefix"` // of the objects' keys; a whole key is one, too
}

// ECRSource is an image repository. An image of any other repository is refused.
type ECRSource struct {
	Repository string   `json:"repository"`
	Tags       []string `json:"tags,omitempty"` // patterns of tags that start a release; * matches any text

	Require *ImageRequirement `json:"require,omitempty"` // nil: any image of the repository
}

// ImageRequirement is what an image must fulfil before it is released.
type ImageRequirement struct {
	FindingsBelow Severity `json:"findingsBelow"` // its scan has ended, and found nothing as severe as this
}

// Severity says how bad a finding of an image scan is.
type Severity string

// The severities, as Amazon ECR and Amazon Inspector have them.
const (
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Severities returns them, the worst last.
func Severities() []Severity {
	return []Severity{SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical}
}

// Required returns what an image of the target must fulfil; nil where nothing is asked of it.
func (s Source) Required() *ImageRequirement {
	if s.ECR == nil {
		return nil
	}
	return s.ECR.Require
}

// Checks say what a canary is judged by.
type Checks struct {
	Alarms        []string           `json:"alarms,omitempty"` // CloudWatch alarm names; they only veto
	Compare       []Comparison       `json:"compare,omitzero"` // canary against baseline; empty: nothing on purpose
	FalseRollback float64            `json:"falseRollback"`    // accepted chance of rolling back a version that is not worse, 0 to 1
	MinimumSample int64              `json:"minimumSample"`    // canary units before weight rises or a promotion
	Inconclusive  InconclusivePolicy `json:"inconclusive"`
}

// Comparison is one measure of the canary against the same measure of the baseline. Exactly one of Proportion,
// Latency, Throughput and Platform says which.
type Comparison struct {
	Name       string      `json:"name"`
	Proportion *Proportion `json:"proportion,omitempty"`
	Latency    *Latency    `json:"latency,omitempty"`
	Throughput *Throughput `json:"throughput,omitempty"`
	Platform   Measure     `json:"platform,omitempty"` // what the platform itself measures
	Margin     float64     `json:"margin"`             // ratio that does not matter, at least 1: of rates, of the odds of being slow, of work done
	WarmUp     Duration    `json:"warmUp"`             // after the canary's start, whole minutes: not compared, but for a canary that is beyond all doubt
	VetoOnly   bool        `json:"vetoOnly"`           // a fail rolls back, a pass is not waited for
}

// Kind returns what is compared.
func (c Comparison) Kind() CompareKind {
	switch {
	case c.Latency != nil || c.Platform == MeasureLatency:
		return CompareLatency
	case c.Throughput != nil:
		return CompareThroughput
	}
	return CompareFailures
}

// Proportion is failed out of total, as the workload publishes them to CloudWatch.
type Proportion struct {
	Namespace string      `json:"namespace"`
	Failed    string      `json:"failed"` // metric name, Sum
	Total     string      `json:"total"`  // metric name, Sum
	By        ByDimension `json:"by"`
}

// Latency is how long units of work take, as the workload publishes it to CloudWatch: a sample for each.
type Latency struct {
	Namespace string      `json:"namespace"`
	Metric    string      `json:"metric"`
	By        ByDimension `json:"by"`
	Unit      TimeUnit    `json:"unit"`
}

// Throughput is how much is done, as the workload publishes it to CloudWatch. It is compared for each worker-minute.
type Throughput struct {
	Namespace string      `json:"namespace"`
	Metric    string      `json:"metric"` // Sum
	By        ByDimension `json:"by"`
}

// ByDimension names the dimension whose value tells canary from baseline, and those that both have alike.
type ByDimension struct {
	Dimension string            `json:"dimension"`
	With      map[string]string `json:"with,omitempty"` // further dimensions with their values
}

// metric returns a metric of one arm; value is the arm's.
func (b ByDimension) metric(namespace, name, value string) Metric {
	m := Metric{Namespace: namespace, Name: name, Dimensions: []Dimension{{b.Dimension, value}}}
	for _, name := range slices.Sorted(maps.Keys(b.With)) {
		m.Dimensions = append(m.Dimensions, Dimension{name, b.With[name]})
	}
	return m
}

// InconclusivePolicy says what happens when a bake has used up maxBake and the judge still cannot tell.
type InconclusivePolicy string

// The policies.
const (
	InconclusiveHold     InconclusivePolicy = "hold"     // stay baking, call a person, at the deadline roll back as held
	InconclusiveRollback InconclusivePolicy = "rollback" // roll back at once
	InconclusivePromote  InconclusivePolicy = "promote"  // go on as if it had passed
)

// Approvals say who must agree, for how long the question stands, and what silence means.
type Approvals struct {
	Expires     Duration     `json:"expires"`
	OnExpiry    ExpiryPolicy `json:"onExpiry"`
	ByRequester bool         `json:"byRequester"` // the person who started the release may approve it
}

// ExpiryPolicy says what an unanswered approval means.
type ExpiryPolicy string

// The policies.
const (
	ExpiryRollback ExpiryPolicy = "rollback"
	ExpiryPromote  ExpiryPolicy = "promote"
)

// Concurrency says what a newer release does to a running one of the same target.
type Concurrency string

// The ways.
const (
	Supersede Concurrency = "supersede" // the newest waiting release replaces the running one
	Queue     Concurrency = "queue"     // one after another
	Reject    Concurrency = "reject"    // the newer one is refused
)

// Emergency is the shorter plan that a person may start with the override permission.
type Emergency struct {
	Steps  []Step   `json:"steps"`
	Settle Duration `json:"settle"`
}
