package scenario

import (
	"regexp"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

var (
	rate     = &yamlfile.Text{What: "a rate like 100/s, 6000/min or 48/h", Pattern: rateForm, Check: yamlfile.Checked(ParseRate)}
	share    = &yamlfile.Text{What: "a share in percent like 0.2%", Pattern: shareForm, Check: yamlfile.Checked(ParseShare)}
	millis   = &yamlfile.Text{What: "a short time like 80ms or 2s, at most 15 minutes", Pattern: millisForm, Check: yamlfile.Checked(ParseMillis)}
	file     = &yamlfile.Text{What: "the path of a file, relative to this one", Max: 4096}
	image    = &yamlfile.Text{What: "an image like orders-worker:release-42 or orders-worker@sha256:...", Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]{1,5}/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`), Max: 512}
	digest   = &yamlfile.Text{What: "a digest, sha256: and 64 hex digits", Pattern: regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)}
	family   = &yamlfile.Text{What: "a task definition like orders-worker:41, or its ARN", Pattern: regexp.MustCompile(`^(arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/)?[A-Za-z0-9_-]{1,255}:[1-9][0-9]{0,9}$`)}
	code     = &yamlfile.Text{What: "an object in S3 like s3://orders-code/orders-api/release-42.zip", Pattern: regexp.MustCompile(`^s3://[!-~]+$`), Max: 2048, Check: yamlfile.Checked(release.ParseCodeObject)}
	version  = &yamlfile.Text{What: "a Lambda version, digits in quotes", Pattern: regexp.MustCompile(`^[1-9][0-9]{0,17}$`)}
	service  = &yamlfile.Text{What: "the name of an ECS service", Pattern: regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)}
	queue    = &yamlfile.Text{What: "the name of an SQS queue", Pattern: regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)}
	tag      = &yamlfile.Text{What: "a tag", Pattern: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)}
	repo     = &yamlfile.Text{What: "the name of an ECR repository", Pattern: regexp.MustCompile(`^([a-z0-9]+([._-]+[a-z0-9]+)*/)*[a-z0-9]+([._-]+[a-z0-9]+)*$`), Max: 256}
	severity = &yamlfile.Text{OneOf: []string{"low", "medium", "high", "critical"}}
	tasks    = &yamlfile.Number{Max: 5000, Whole: true} // ECS: tasks of one service
)

var table = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "workload", Type: workload, Required: true, Doc: "How much work arrives: a steady rate, or a real series"},
	{Name: "revision", Type: revision, Doc: "What is released", Else: "a new digest in the target's repository"},
	{Name: "world", Type: world, Default: yamlfile.Filled{}, Doc: "What exists before the release"},
	{
		Name: "alarms", Type: file, Doc: "File with what `aws cloudwatch describe-alarms` prints",
		Else: "every alarm of the target exists and has no data",
	},
	{Name: "baseline", Type: baseline, Default: yamlfile.Filled{}, Doc: "How the version that serves does its work"},
	{Name: "canary", Type: canary, Default: yamlfile.Filled{}, Doc: "How the new version does its work"},
	{
		Name: "hooks", Type: &yamlfile.Map{Keys: &yamlfile.Text{What: "the name of a hook's function", Max: 193}, Of: hook, Max: 10},
		Doc: "By function name, what the target's hooks do when they are asked", Else: "every hook says SUCCEEDED at once",
	},
	{Name: "orders", Type: &yamlfile.List{Of: order, Max: 20}, Doc: "What people ask of the release while it is under way", Else: "nobody does anything"},
}}

var hook = &yamlfile.Object{Fields: []yamlfile.Field{
	{
		Name: "does", Type: &yamlfile.Text{OneOf: []string{string(HookSucceeds), string(HookFails), string(HookHangs), string(HookBreaks), string(HookBabbles)}}, Default: string(HookSucceeds),
		Doc: "What it comes to; succeed and fail: it says so, hang: it never answers, break: the function fails, babble: its answer is none",
	},
	{Name: "inProgress", Type: yamlfile.Duration, Doc: "How long it says IN_PROGRESS before", Else: "not at all"},
	{Name: "takes", Type: yamlfile.Duration, Default: "1s", Doc: "How long one call takes"},
	{
		Name: "stages", Type: &yamlfile.List{Of: &yamlfile.Text{OneOf: stages()}, Max: 4, Unique: true},
		Doc: "Stages at which it does so; at the others it succeeds", Else: "at all of them",
	},
	{Name: "missing", Type: yamlfile.Flag{}, Doc: "true: the function does not exist"},
}}

// stages are when a hook may be asked.
func stages() []string {
	var names []string
	for _, stage := range release.HookStages() {
		names = append(names, string(stage))
	}
	return names
}

var order = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "at", Type: yamlfile.Duration, Required: true, Doc: "When, counted from the start of the release"},
	{Name: "verb", Type: &yamlfile.Text{OneOf: []string{"approve", "reject", "rollback", "stop", "promote-now", "override"}}, Required: true, Doc: "What"},
	{Name: "who", Type: &yamlfile.Text{What: "who gives the order", Max: 256}, Default: "anna", Doc: "Who"},
	{Name: "why", Type: &yamlfile.Text{What: "why the order is given", Max: 500}, Default: "rehearsed", Doc: "Why"},
	{Name: "noData", Type: yamlfile.Flag{}, Doc: "With promote-now, true: even when nothing was measured"},
	{Name: "alarms", Type: &yamlfile.List{Of: &yamlfile.Text{What: "the name of an alarm", Max: 255}, Max: 20}, Doc: "With override: the alarms that may be in ALARM at the start"},
}}

var workload = &yamlfile.Object{OneOf: []string{"rate", "trace"}, Fields: []yamlfile.Field{
	{Name: "rate", Type: rate, Doc: "Messages in a time, steadily, like 100/s; 0/s for an empty queue"},
	{Name: "for", Type: yamlfile.Duration, Doc: "How long work arrives; nothing arrives after that", Else: "with a rate 24h, with a trace to its end"},
	{Name: "trace", Type: file, Doc: "File with a real series, each value a number of messages: CSV with columns timestamp and value, or what `aws cloudwatch get-metric-data` prints"},
	{Name: "start", Type: yamlfile.Duration, Doc: "With a trace: where in it the rehearsal begins, counted from its first value", Else: "at its first value"},
	{Name: "scale", Type: &yamlfile.Number{Min: 1e-6, Max: 1e6}, Doc: "With a trace: what every value is multiplied by", Else: "1"},
}}

var revision = &yamlfile.Object{OneOf: []string{"image", "taskDefinition", "version", "code"}, Fields: []yamlfile.Field{
	{Name: "image", Type: image, Doc: "An image: repository:tag or repository@digest"},
	{Name: "taskDefinition", Type: family, Doc: "A registered task definition: family:revision or its ARN"},
	{Name: "version", Type: version, Doc: "A published Lambda version"},
	{Name: "code", Type: code, Doc: "A function's zip file in S3: s3://bucket/key, and ?versionId=... for one version of it"},
}}

var world = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "primaryTasks", Type: tasks, Default: 9, Doc: "Tasks of the primary service, desired and running"},
	{Name: "canaryTasks", Type: tasks, Default: 1, Doc: "Tasks of the canary service, desired and running"},
	{
		Name: "scaling", Doc: "Application auto scaling of the primary service", Else: "it is not scaled",
		Type: &yamlfile.Object{Fields: []yamlfile.Field{
			{Name: "min", Type: tasks, Required: true, Doc: "Fewest tasks"},
			{Name: "max", Type: tasks, Required: true, Doc: "Most tasks"},
		}},
	},
	{Name: "queue", Default: yamlfile.Filled{}, Doc: "The queue that both services read", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "maxReceiveCount", Type: &yamlfile.Number{Min: 1, Max: 1000, Whole: true}, Default: 5, Doc: "After so many receives a message goes to the dead-letter queue"},
		{Name: "visibility", Type: yamlfile.Duration, Default: "60s", Doc: "How long a message that is worked on is hidden from others"},
		{Name: "deadLetter", Type: queue, Doc: "Name of the dead-letter queue", Else: "the queue's name with -dlq"},
	}}},
	{Name: "stickiness", Type: yamlfile.Duration, Doc: "How long the listener's rule keeps a client with the target group that it was sent to", Else: "not at all"},
	{Name: "taskStart", Type: yamlfile.Duration, Default: "45s", Doc: "From starting a task until it is RUNNING"},
	{Name: "coldStart", Doc: "Of a function: how long the first invocation in a new environment takes, as Lambda's metric Duration has it, which leaves the start of the runtime out", Else: "no longer than any other", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "p50", Type: millis, Required: true, Doc: "What half of them stay below"},
		{Name: "p99", Type: millis, Required: true, Doc: "What 99 of 100 stay below"},
	}}},
	{Name: "provisioned", Type: &yamlfile.Number{Min: 0, Max: 10_000, Whole: true}, Doc: "Environments that are kept ready behind the alias, divided by its weights; what is beyond them starts cold", Else: "none"},
	{Name: "concurrency", Type: &yamlfile.Number{Min: 1, Max: 10_000, Whole: true}, Default: 10, Doc: "Messages that one task works on at once"},
	{
		Name: "services", Type: &yamlfile.Map{Keys: service, Of: ecsService, Max: 50}, Doc: "By name, what is different about an ECS service, to rehearse refusals",
		Else: "both services of the target are stable and run one version",
	},
	{
		Name: "registry", Type: &yamlfile.Map{Keys: repo, Of: &yamlfile.Map{Keys: tag, Of: digest, Max: 100}, Max: 50}, Doc: "By repository and tag, the digest that the registry has",
		Else: "the images that run and the one that is released",
	},
	{Name: "function", Type: function, Doc: "What is different about a function and its alias, to rehearse refusals", Else: "the alias is on one published version, without weights"},
	{Name: "balancer", Type: balancer, Doc: "What is different about a load balancer's rule, to rehearse refusals", Else: "all requests go to the primary's target group, and the canary's stands beside it"},
	{Name: "scan", Doc: "What ECR's scan of the new image comes to, for a target with source.ecr.require", Else: "images are not scanned", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "takes", Type: yamlfile.Duration, Default: "30s", Doc: "From the start of the release until it has ended"},
		{Name: "fails", Type: yamlfile.Flag{}, Doc: "true: it ends without a result"},
		{
			Name: "findings", Type: &yamlfile.Map{Keys: severity, Of: &yamlfile.Number{Max: 5000, Whole: true}, Max: 4},
			Doc: "By severity, how many findings it has", Else: "it finds nothing",
		},
	}}},
}}

var function = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "aliasMissing", Type: yamlfile.Flag{}, Doc: "true: the alias does not exist"},
	{Name: "aliasOn", Type: &yamlfile.Text{What: "a version in quotes, or $LATEST", Pattern: regexp.MustCompile(`^([1-9][0-9]{0,17}|\$LATEST)$`)}, Doc: "What the alias points to"},
	{Name: "weights", Type: &yamlfile.Map{Keys: version, Of: share, Max: 1}, Doc: "By version, the share of the invocations that somebody gave it beside the alias's own"},
	{Name: "preparing", Type: yamlfile.Flag{}, Doc: "true: the alias's provisioned concurrency is still being prepared"},
	{Name: "versions", Type: &yamlfile.Map{Keys: version, Max: 10, Of: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "missing", Type: yamlfile.Flag{}, Doc: "true: it was deleted"},
		{Name: "role", Type: &yamlfile.Text{What: "the name of an IAM role", Max: 64}, Doc: "Name of its execution role"},
		{Name: "deadLetters", Type: &yamlfile.Text{What: "the ARN of a queue or a topic", Max: 300}, Doc: "ARN of its dead-letter queue or topic"},
		{Name: "failed", Type: yamlfile.Flag{}, Doc: "true: its State is Failed"},
		{Name: "inactive", Type: yamlfile.Flag{}, Doc: "true: AWS took its resources back because it was not used"},
		{Name: "pending", Type: yamlfile.Duration, Doc: "How long it is Pending yet, as with SnapStart"},
	}}}, Doc: "By number, what is different about a published version: 7 serves, 8 is released, 6 is older"},
}}

var balancer = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "ruleMissing", Type: yamlfile.Flag{}, Doc: "true: the listener's rule does not exist"},
	{Name: "redirects", Type: yamlfile.Flag{}, Doc: "true: the rule redirects, and forwards to nobody"},
	{Name: "canaryWeight", Type: &yamlfile.Number{Max: 999, Whole: true}, Doc: "Weight that somebody gave to the canary's target group; the primary's is 1"},
	{Name: "third", Type: yamlfile.Flag{}, Doc: "true: the rule forwards to a third target group, too"},
	{Name: "canaryLeft", Type: yamlfile.Flag{}, Doc: "true: the rule does not forward to the canary service's target group"},
	{Name: "protocol", Type: &yamlfile.Text{OneOf: []string{"HTTP", "HTTPS"}}, Doc: "Protocol of the canary's target group"},
	{Name: "healthPath", Type: &yamlfile.Text{What: "a path", Max: 1024}, Doc: "Health check's path of the canary's target group"},
}}

var ecsService = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "missing", Type: yamlfile.Flag{}, Doc: "true: the service does not exist"},
	{Name: "deploying", Type: yamlfile.Flag{}, Doc: "true: somebody's deployment is in progress"},
	{Name: "inactive", Type: yamlfile.Flag{}, Doc: "true: its task definition was deregistered"},
	{Name: "image", Type: image, Doc: "Image as its task definition writes it"},
	{Name: "digest", Type: digest, Doc: "Digest that its tasks run", Else: "what the registry has for the image"},
	{Name: "tasks", Type: tasks, Doc: "Tasks, desired and running"},
	{Name: "taskDefinition", Type: family, Doc: "Its task definition, family:revision"},
	{Name: "capacityProvider", Type: &yamlfile.Text{OneOf: []string{"FARGATE", "FARGATE_SPOT"}}, Doc: "Its capacity provider", Else: "FARGATE"},
	{Name: "circuitBreaker", Type: yamlfile.Flag{}, Doc: "Whether ECS reverts failed deployments by itself"},
	{
		Name: "environment", Type: &yamlfile.Map{Keys: &yamlfile.Text{What: "the name of a variable", Max: 255}, Of: &yamlfile.Text{What: "a text"}, Max: 100},
		Doc: "Environment variables of its task definition",
	},
}}

var baseline = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "failureRate", Type: share, Default: "0%", Doc: "Share of attempts that fail"},
	{Name: "latency", Default: yamlfile.Filled{}, Doc: "How long one attempt takes", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "p50", Type: millis, Default: "80ms", Doc: "What half of the attempts stay below"},
		{Name: "p99", Type: millis, Default: "600ms", Doc: "What 99 of 100 attempts stay below"},
	}}},
}}

var canary = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "failureRate", Type: share, Doc: "Share of attempts that fail", Else: "as the baseline's"},
	{Name: "from", Type: yamlfile.Duration, Default: "0s", Doc: "When this behaviour sets in, counted from the first RUNNING canary task; before that the canary behaves as the baseline"},
	{Name: "latency", Doc: "How long one attempt takes", Else: "as the baseline's", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "p50", Type: millis, Required: true, Doc: "What half of the attempts stay below"},
		{Name: "p99", Type: millis, Required: true, Doc: "What 99 of 100 attempts stay below"},
	}}},
	{Name: "crashLoop", Type: yamlfile.Flag{}, Default: false, Doc: "true: the canary's tasks end soon after they started"},
}}
