package targetfile

import (
	"regexp"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// The forms of texts. Patterns of AWS names follow the API references of ECS, SQS, ECR, CloudWatch, SNS and IAM.
var (
	preset = &yamlfile.Text{
		What:    "a preset like Canary10Percent15Minutes, Linear10PercentEvery2Minutes or AllAtOnce",
		Pattern: regexp.MustCompile(`^(CodeDeployDefault\.)?(ECS|Lambda)?(Canary[1-9][0-9]?Percent[1-9][0-9]{0,3}Minutes?|Linear[1-9][0-9]?PercentEvery[1-9][0-9]{0,3}Minutes?|AllAtOnce)$`),
		Check:   yamlfile.Checked(release.ParsePreset),
	}
	window = &yamlfile.Text{
		What:    "a window like \"Fri 16:00-Mon 08:00 Europe/Berlin\"",
		Pattern: regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01][0-9]|2[0-3]):[0-5][0-9]-(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01][0-9]|2[0-3]):[0-5][0-9] [A-Za-z0-9_+/-]{1,64}$`),
		Check:   yamlfile.Checked(release.ParseWindow),
	}
	function     = named("the name or the ARN of a Lambda function, without a version", `^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}$`)
	alias        = named("the name of an alias: letters, digits, - and _, and not only digits", `^[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*$`)
	stackName    = named("the name of a CloudFormation stack: letters, digits and -, a letter at the front, at most 128 characters", `^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	logical      = named("a name of letters and digits, as templates have them", `^[A-Za-z0-9]{1,255}$`)
	hostPort     = named("host:port, like 127.0.0.1:8080", `^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[1-9][0-9]{0,4}$`)
	urlPath      = named("a path or its beginning, like /search", `^/[A-Za-z0-9._~!$&'()*+,=:@%/-]*$`)
	method       = named("a method in capitals, like GET", `^[A-Z]{1,20}$`)
	template     = named("the https URL of a template in S3", `^https://[a-z0-9.-]+/[!-~]+$`)
	targetName   = named("a name of a-z, 0-9 and -, at most 64 characters", `^[a-z0-9-]{1,64}$`)
	ecsName      = named("a name of letters, digits, _ and -, at most 255 characters", `^[A-Za-z0-9_-]{1,255}$`)
	cluster      = named("the name or the ARN of an ECS cluster", `^(arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$`)
	listenerRule = named("the ARN of a rule of an Application Load Balancer's listener", `^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:[!-~]+$`)
	hookFunction = named("the ARN of a Lambda function, arn:aws:lambda:REGION:ACCOUNT:function:NAME, with or without a version or an alias", `^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$`)
	queue        = named("the name or the URL of an SQS queue", `^(https://[A-Za-z0-9.-]+/[0-9]{12}/)?[A-Za-z0-9_-]{1,80}(\.fifo)?$`)
	repository   = named("the name of an ECR repository, without registry and tag", `^([a-z0-9]+([._-]+[a-z0-9]+)*/)*[a-z0-9]+([._-]+[a-z0-9]+)*$`)
	bucket       = named("the name of an S3 bucket: a-z, 0-9, - and ., 3 to 63 characters", `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	objectKey    = named("the beginning of a key: letters, digits and ! _ . * ( ) / @ : = , + -, at most 512 characters", `^[A-Za-z0-9!_.*()/@:=,+-]{1,512}$`)
	tagPattern   = named("a tag or a pattern like release-*", `^[A-Za-z0-9_.*-]{1,128}$`)
	topic        = named("the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME", `^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)
	role         = named("the name or the ARN that -look and -change are added to", `^(arn:aws[a-z-]*:iam::[0-9]{12}:role/([!-.0-~]{1,510}/)?)?[A-Za-z0-9_+=,.@-]{1,57}$`)
	alarm        = &yamlfile.Text{What: "the name of a CloudWatch alarm", Pattern: regexp.MustCompile(`^[^\n\r\t]+$`), Max: 255}
	metric       = &yamlfile.Text{What: "a CloudWatch name of printable ASCII characters", Pattern: regexp.MustCompile(`^[ -~]*[!-~][ -~]*$`), Max: 255}
	namespace    = &yamlfile.Text{What: "a CloudWatch namespace: letters, digits and . - _ / # : or a space", Pattern: regexp.MustCompile(`^[^:][A-Za-z0-9._/#: -]*$`), Max: 255}
)

func named(what, pattern string) *yamlfile.Text {
	return &yamlfile.Text{What: what, Pattern: regexp.MustCompile(pattern)}
}

// The defaults that other rules compute with.
const (
	defaultMaxBake  = "30m"
	defaultSettle   = "15m"
	defaultDeadline = "3h"
)

var table = &yamlfile.Object{
	OneOf: []string{"ecsQueue", "ecsALB", "lambdaAlias", "ec2Mirror"},
	Fields: []yamlfile.Field{
		{
			Name: "name", Type: targetName, Required: true,
			Doc: "Name of the target: of its SSM parameter /serin/targets/NAME, its roles, its releases",
		},
		{
			Name: "platform", Type: &yamlfile.Text{OneOf: platforms()}, Required: true,
			Doc: "Kind of workload; ecs-queue: two ECS services that read one SQS queue, without a load balancer; ecs-alb: two ECS services behind one listener rule with weights; lambda-alias: two published versions of a function behind a weighted alias; ec2-mirror: a temporary stack that gets copies of the live stack's read-only requests",
		},
		{Name: "ecsQueue", Type: ecsQueue, Doc: "Where an ecs-queue workload lives"},
		{Name: "ecsALB", Type: ecsALB, Doc: "Where an ecs-alb workload lives"},
		{Name: "lambdaAlias", Type: lambdaAlias, Doc: "Where a lambda-alias workload lives"},
		{Name: "ec2Mirror", Type: ec2Mirror, Doc: "Where an ec2-mirror workload lives"},
		{
			Name: "source", Type: source, Doc: "Where new versions come from",
			Else: "nothing starts a release by itself, and an image must be in the repository that serves now",
		},
		{Name: "plan", Type: plan, Required: true, Doc: "In which steps the canary is given work and how long it is watched"},
		{Name: "checks", Type: checks, Required: true, Doc: "What the canary is judged by: alarms, a comparison with the version that serves, or both"},
		{
			Name: "hooks", Type: &yamlfile.List{Of: hook, Max: 10},
			Doc: "Lambda functions that are asked on the way, by the contract of Amazon ECS' lifecycle hooks", Else: "nobody is asked",
		},
		{Name: "approvals", Type: approvals, Default: yamlfile.Filled{}, Doc: "Who must agree at a step with approval: required, and what silence means"},
		{
			Name: "concurrency", Type: &yamlfile.Text{OneOf: []string{string(release.Supersede), string(release.Queue), string(release.Reject)}},
			Default: string(release.Supersede),
			Doc:     "What a newer release does to a running one of this target; supersede: the newest replaces it, queue: one after another, reject: the newer one is refused",
		},
		{
			Name: "freeze", Type: &yamlfile.List{Of: window, Max: 20},
			Doc: "Weekly windows, with an IANA time zone, in which no release starts, raises weight or promotes; rolling back is always allowed",
		},
		{Name: "emergency", Type: emergency, Doc: "The shorter plan that a person may start with the override permission"},
		{Name: "rollbackWindow", Type: yamlfile.Duration, Default: "24h", Doc: "How long after a release its baseline is kept ready to return to"},
		{Name: "notify", Type: topic, Doc: "ARN of the SNS topic that people are told through", Else: "serin's own topic"},
		{Name: "role", Type: role, Doc: "Name or ARN of the target's two roles, without -look and -change", Else: "serin-NAME"},
	},
}

var ecsQueue = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "cluster", Type: cluster, Required: true, Doc: "Name or ARN of the ECS cluster"},
	{Name: "primaryService", Type: ecsName, Required: true, Doc: "Name of the service with high capacity; it may be scaled"},
	{Name: "canaryService", Type: ecsName, Required: true, Doc: "Name of the service with low capacity, not scaled"},
	{Name: "container", Type: ecsName, Required: true, Doc: "Name of the container whose image is released"},
	{Name: "queue", Type: queue, Required: true, Doc: "Name or URL of the SQS queue that both services read"},
}}

var ecsALB = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "cluster", Type: cluster, Required: true, Doc: "Name or ARN of the ECS cluster"},
	{Name: "primaryService", Type: ecsName, Required: true, Doc: "Name of the service that serves; it may be scaled"},
	{Name: "canaryService", Type: ecsName, Required: true, Doc: "Name of the service that a new version is tried on, not scaled"},
	{Name: "container", Type: ecsName, Required: true, Doc: "Name of the container whose image is released"},
	{Name: "listenerRule", Type: listenerRule, Required: true, Doc: "ARN of the listener's rule that forwards to the target groups of both services and to no other; the default rule has one, too"},
}}

var lambdaAlias = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "function", Type: function, Required: true, Doc: "Name or ARN of the function"},
	{Name: "alias", Type: alias, Required: true, Doc: "Name of the alias that callers invoke; nothing else may move it"},
}}

var ec2Mirror = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "stack", Type: stackName, Required: true, Doc: "Name of the live CloudFormation stack"},
	{Name: "temporary", Type: stackName, Required: true, Doc: "Name of the stack that runs the new version for as long as it is judged"},
	{Name: "template", Type: template, Doc: "URL of the temporary stack's template in S3", Else: "a copy of the live stack's template"},
	{Name: "parameters", Type: mirrorParameters, Default: yamlfile.Filled{}, Doc: "Names of the parameters that a release sets, the same in both stacks"},
	{Name: "outputs", Type: mirrorOutputs, Default: yamlfile.Filled{}, Doc: "Names of the outputs that a release reads, the same in both stacks"},
	{Name: "proxy", Type: mirrorProxy, Default: yamlfile.Filled{}, Doc: "What nginx and Envoy in front of the service are made from, see serin proxy"},
	{Name: "idempotent", Type: yamlfile.Flag{}, Default: false, Doc: "Answering a GET or HEAD twice does no harm; nothing is mirrored unless this is true"},
}}

var mirrorParameters = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "image", Type: logical, Default: "ImageUri", Doc: "Parameter with the image, pinned to a digest"},
	{Name: "proxyMode", Type: logical, Default: "ProxyMode", Doc: "Parameter that says nginx or envoy"},
	{Name: "mirrorHost", Type: logical, Default: "MirrorHost", Doc: "Parameter with host:port that copies go to"},
	{Name: "mirrorPercent", Type: logical, Default: "MirrorPercent", Doc: "Parameter with the share that is copied, 0 to 100"},
}}

var mirrorOutputs = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "endpoint", Type: logical, Default: "Endpoint", Doc: "Output with host:port of the load balancer"},
	{Name: "loadBalancer", Type: logical, Default: "LoadBalancerArn", Doc: "Output with the load balancer's ARN"},
	{Name: "targetGroup", Type: logical, Default: "TargetGroupArn", Doc: "Output with the target group's ARN"},
}}

// The bounds are those of package proxy, which has the reasons.
var mirrorProxy = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "listen", Type: &yamlfile.Number{Min: 1, Max: 65535, Whole: true}, Default: 80, Doc: "Port that the load balancer sends requests to"},
	{Name: "service", Type: hostPort, Default: "127.0.0.1:8080", Doc: "host:port of the service behind the proxy"},
	{Name: "health", Type: urlPath, Default: "/health", Doc: "Path of the load balancer's health check; it is never mirrored"},
	{Name: "timeout", Type: yamlfile.Duration, Default: "1m", Doc: "Longest silence of the service before users get 504, 1s to 1h"},
	{Name: "connect", Type: yamlfile.Duration, Default: "5s", Doc: "Longest wait for a connection to the service before users get 504, 1s to 75s"},
	{Name: "maxBody", Type: &yamlfile.Number{Min: 1, Max: 64 << 20, Whole: true}, Default: 1 << 20, Doc: "Largest body of a request in bytes; more is answered 413"},
	{Name: "keepAlive", Type: yamlfile.Duration, Default: "1m15s", Doc: "How long an idle connection of a client stays open; more than the load balancer's idle timeout, or users see 502"},
	{Name: "hops", Type: &yamlfile.Number{Min: 1, Max: 8, Whole: true}, Default: 1, Doc: "How many proxies in front are believed in X-Forwarded-For: 1 is the load balancer"},
	{Name: "routes", Type: &yamlfile.List{Of: mirrorRoute, Max: 50}, Doc: "What is special about some paths; the longest prefix that fits decides", Else: "nothing is"},
}}

var mirrorRoute = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "prefix", Type: urlPath, Required: true, Doc: "Beginning of the path"},
	{Name: "mirror", Type: &yamlfile.List{Of: method, Max: 20, Unique: true}, Doc: "Methods that are mirrored; an empty list: none", Else: "GET and HEAD"},
	{Name: "websockets", Type: yamlfile.Flag{}, Default: false, Doc: "Websockets are let through; such a route is not mirrored"},
}}

// platforms are the kinds of workloads, each with the field that says where it lives.
func platforms() []string {
	return []string{string(release.PlatformECSQueue), string(release.PlatformECSALB), string(release.PlatformLambdaAlias), string(release.PlatformEC2Mirror)}
}

func severities() []string {
	var names []string
	for _, s := range release.Severities() {
		names = append(names, string(s))
	}
	return names
}

var source = &yamlfile.Object{OneOf: []string{"ecr", "s3"}, Fields: []yamlfile.Field{
	{Name: "ecr", Doc: "An image repository; an image of any other repository is refused", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "repository", Type: repository, Required: true, Doc: "Name of the ECR repository"},
		{
			Name: "tags", Type: &yamlfile.List{Of: tagPattern, Max: 20, Unique: true},
			Doc: "Tags that start a release when an image is pushed; * stands for any text", Else: "no push starts a release",
		},
		{Name: "require", Doc: "What an image must fulfil before it is released", Else: "any image of the repository is released", Type: &yamlfile.Object{Fields: []yamlfile.Field{
			{
				Name: "findingsBelow", Type: &yamlfile.Text{OneOf: severities()}, Required: true,
				Doc: "ECR's scan of the image has ended and found nothing as severe as this; a scan that has not ended is waited for",
			},
		}}},
	}}},
	{Name: "s3", Doc: "Of a lambda-alias target: where the function's zip files are put; an object anywhere else is refused", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "bucket", Type: bucket, Required: true, Doc: "Name of the bucket, in the function's region; it keeps versions"},
		{Name: "prefix", Type: objectKey, Required: true, Doc: "What the keys begin with, like orders-api/; a whole key is a prefix, too"},
	}}},
}}

var step = &yamlfile.Object{Fields: []yamlfile.Field{
	{
		Name: "weight", Type: &yamlfile.Number{Min: 1, Max: 100, Whole: true}, Required: true,
		Doc: "Share of the work that the canary is given, in percent; it rises from step to step; 100 promotes at once, or on ecs-alb bakes first while the old version stands by",
	},
	{Name: "bake", Type: yamlfile.Duration, Doc: "How long the step is watched at least; at weight 100 only on ecs-alb, and at most 15m", Else: "allowed only at weight 100"},
	{
		Name: "approval", Type: &yamlfile.Text{OneOf: []string{string(release.Required)}},
		Doc: "required: a person is asked after the step's bake", Else: "nobody is asked",
	},
}}

var steps = &yamlfile.List{Of: step, Min: 1, Max: 100}

var plan = &yamlfile.Object{OneOf: []string{"steps", "preset"}, Fields: []yamlfile.Field{
	{Name: "steps", Type: steps, Doc: "The steps, in order"},
	{Name: "preset", Type: preset, Doc: "In place of steps: a name as CodeDeploy has them, with any percentage and any number of minutes, at most 48 hours in all"},
	{
		Name: "maxBake", Type: yamlfile.Duration, Default: defaultMaxBake,
		Doc: "How long one step may be extended while nobody can tell, its bake included; where it is left out, the longest bake if that is longer than 30m",
	},
	{Name: "settle", Type: yamlfile.Duration, Default: defaultSettle, Doc: "How long the new version is watched after promotion"},
	{
		Name: "deadline", Type: yamlfile.Duration, Default: defaultDeadline,
		Doc: "When a release that was not promoted is rolled back, counted from its start without waits for people and freezes; where it is left out, 90m more than all bakes together if that is longer than 3h",
	},
}}

var checks = &yamlfile.Object{Fields: []yamlfile.Field{
	{
		Name: "alarms", Type: &yamlfile.List{Of: alarm, Max: 100, Unique: true},
		Doc: "Names of CloudWatch alarms, composite ones too; one that goes to ALARM rolls back, none of them promotes",
	},
	{Name: "compare", Type: &yamlfile.List{Of: comparison, Max: 10}, Doc: "Measures of the canary that are compared with the same measures of the version that serves"},
	{
		Name: "falseRollback", Type: &yamlfile.Number{Min: 1e-6, Max: 0.2}, Default: 0.01,
		Doc: "Accepted chance of rolling back a version that is not worse, over the whole release",
	},
	{
		Name: "minimumSample", Type: &yamlfile.Number{Min: 0, Max: 1e9, Whole: true}, Default: 300,
		Doc: "How many units of work (messages, requests) the canary must have done before its weight rises and before it is promoted",
	},
	{
		Name: "inconclusive", Default: string(release.InconclusiveHold),
		Type: &yamlfile.Text{OneOf: []string{string(release.InconclusiveHold), string(release.InconclusiveRollback), string(release.InconclusivePromote)}},
		Doc:  "What happens when nobody can tell after maxBake; hold: keep baking, call a person, roll back at the deadline, rollback: at once, promote: go on as if it had passed",
	},
}}

// by tells the canary's metrics from the other version's.
var by = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "dimension", Type: metric, Required: true, Doc: "Name of the dimension that tells the versions apart; its value is the ECS service's name or the Lambda version"},
	{
		Name: "with", Type: &yamlfile.Map{Keys: metric, Of: metric, Max: 29},
		Doc: "Further dimensions that the metric has, name: value, alike for both versions; CloudWatch finds a metric by all of its dimensions", Else: "it has no other",
	},
}}

var comparison = &yamlfile.Object{OneOf: []string{"proportion", "latency", "throughput", "platform"}, Fields: []yamlfile.Field{
	{Name: "name", Type: named("a name of letters, digits, _ and -, at most 64 characters", `^[A-Za-z0-9_-]{1,64}$`), Required: true, Doc: "Name of the measure in verdicts and reports"},
	{Name: "proportion", Doc: "Failed out of total, as the workload itself publishes them to CloudWatch", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "namespace", Type: namespace, Required: true, Doc: "CloudWatch namespace"},
		{Name: "failed", Type: metric, Required: true, Doc: "Name of the metric whose sum counts failures"},
		{Name: "total", Type: metric, Required: true, Doc: "Name of the metric whose sum counts all units of work, the failed ones included"},
		{Name: "by", Required: true, Doc: "What tells the canary's metrics from the other version's", Type: by},
	}}},
	{Name: "latency", Doc: "How long units of work take, as the workload itself publishes it to CloudWatch; slower ones are counted against the p50, p90 and p99 from before the release", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "namespace", Type: namespace, Required: true, Doc: "CloudWatch namespace"},
		{Name: "metric", Type: metric, Required: true, Doc: "Name of the metric that has one value for each unit of work; statistic sets do not do, because CloudWatch knows no percentiles of them"},
		{Name: "by", Required: true, Doc: "What tells the canary's metrics from the other version's", Type: by},
		{
			Name: "unit", Type: &yamlfile.Text{OneOf: []string{string(release.InMicroseconds), string(release.InMilliseconds), string(release.InSeconds)}}, Default: string(release.InMilliseconds),
			Doc: "Unit of the values, for verdicts and reports",
		},
	}}},
	{Name: "throughput", Doc: "How much each worker does, as the workload itself publishes it to CloudWatch; it tells something only while there is work for everybody", Type: &yamlfile.Object{Fields: []yamlfile.Field{
		{Name: "namespace", Type: namespace, Required: true, Doc: "CloudWatch namespace"},
		{Name: "metric", Type: metric, Required: true, Doc: "Name of the metric whose sum counts units of work"},
		{Name: "by", Required: true, Doc: "What tells the canary's metrics from the other version's", Type: by},
	}}},
	{
		Name: "platform", Type: &yamlfile.Text{OneOf: []string{string(release.MeasureErrors), string(release.MeasureLatency)}},
		Doc: "What AWS itself measures of each version behind a load balancer or an alias; errors: failed out of all requests, latency: how long they took",
	},
	{
		Name: "margin", Type: &yamlfile.Number{Min: 1, Max: 1.9}, Default: 1.25,
		Doc: "How many times the other version's does not matter: its failure rate, its odds of being slow, or how much more its workers do; 1 is strict, and twice as much is always too much",
	},
	{
		Name: "warmUp", Type: yamlfile.Duration,
		Doc: "First minutes of the canary that are not compared, because caches are cold; a canary that is broken beyond doubt is rolled back all the same", Else: "3m for latency, at most half of the first bake, and 0s for the rest",
	},
	{
		Name: "vetoOnly", Type: yamlfile.Flag{}, Default: false,
		Doc: "Whether it can only stop a version: a fail rolls back, but no promotion waits until it can tell; for measures with too few units to pass",
	},
}}

var hook = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "function", Type: hookFunction, Required: true, Doc: "ARN of the function"},
	{
		Name: "stages", Type: &yamlfile.List{Of: &yamlfile.Text{OneOf: stages()}, Min: 1, Max: 4, Unique: true}, Required: true,
		Doc: "When it is asked; beforeTraffic: before the new version gets any work, afterStep: after the bake of each step, before weight rises or a promotion, afterPromotion: when all work is on the new version and before it counts as settled, afterRollback: when the version before serves again",
	},
	{
		Name: "details", Type: &yamlfile.Map{Keys: &yamlfile.Text{What: "a name", Max: 128}, Of: &yamlfile.Text{What: "a text", Max: 1024}, Max: 20},
		Doc: "hookDetails that it is given with every call", Else: "none",
	},
	{Name: "timeout", Type: yamlfile.Duration, Default: "1h", Doc: "How long it may take at one stage to say SUCCEEDED or FAILED, 1m to 24h; after a rollback at most 10m"},
	{
		Name: "onFailure", Type: &yamlfile.Text{OneOf: []string{string(release.HookRollback), string(release.HookContinue)}}, Default: string(release.HookRollback),
		Doc: "What it means that it says FAILED, fails itself or takes longer than timeout; rollback: bring the version back that served before, continue: tell people and go on, as always after a rollback",
	},
}}

// stages are when a hook may be asked.
func stages() []string {
	var names []string
	for _, stage := range release.HookStages() {
		names = append(names, string(stage))
	}
	return names
}

var approvals = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "expires", Type: yamlfile.Duration, Default: "4h", Doc: "How long a person has to answer"},
	{
		Name: "onExpiry", Type: &yamlfile.Text{OneOf: []string{string(release.ExpiryRollback), string(release.ExpiryPromote)}}, Default: string(release.ExpiryRollback),
		Doc: "What silence means; promote: go on as if approved",
	},
	{Name: "byRequester", Type: yamlfile.Flag{}, Default: false, Doc: "Whether the person who started the release may approve it"},
}}

var emergency = &yamlfile.Object{Fields: []yamlfile.Field{
	{Name: "steps", Type: steps, Required: true, Doc: "The steps, in order"},
	{Name: "settle", Type: yamlfile.Duration, Doc: "How long the new version is watched after promotion", Else: "as in plan"},
}}
