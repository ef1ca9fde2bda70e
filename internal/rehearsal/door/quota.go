package door

import "time"

// quota is a token bucket as AWS throttles: burst calls at once, rate a second on average.
type quota struct {
	group string
	burst float64
	rate  float64
}

// quotas of one account and region, by action. Actions that share a bucket share a group.
// ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
// Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (the control plane as a whole; invoking is
// not among it)
// CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
var quotas = map[string]quota{
	"ecs:UpdateService":               {"ecs service write", 50, 5},
	"ecs:UpdateTaskProtection":        {"ecs service write", 50, 5},
	"ecs:DescribeServices":            {"ecs read", 100, 20},
	"ecs:DescribeTasks":               {"ecs read", 100, 20},
	"ecs:ListTasks":                   {"ecs read", 100, 20},
	"ecs:RegisterTaskDefinition":      {"ecs register", 20, 1},
	"lambda:GetAlias":                 lambdaControl,
	"lambda:UpdateAlias":              lambdaControl,
	"lambda:GetFunctionConfiguration": lambdaControl,
	"lambda:UpdateFunctionCode":       lambdaControl,
	"lambda:PublishVersion":           lambdaControl,

	"lambda:GetProvisionedConcurrencyConfig": lambdaControl,
	"cloudwatch:DescribeAlarms":              {"describe alarms", 9, 9},
	"cloudwatch:DescribeAlarmHistory":        {"alarm history", 20, 20},
	"cloudwatch:GetMetricData":               {"metric data", 500, 500},
}

var lambdaControl = quota{"lambda control plane", 15, 15}

// Quotas sets which share of AWS's quotas the account has from now on: 1 is what every account has, +Inf is no limit.
func (d *Door) Quotas(share float64) {
	d.share = share
	clear(d.buckets)
}

type bucket struct {
	quota
	tokens float64
	at     time.Time
}

// bucket returns that of an action: a full one, or the one that an action of its group has; nil where there is no limit.
func (d *Door) bucket(action string) *bucket {
	q, limited := quotas[action]
	if !limited {
		return nil
	}
	for _, b := range d.buckets {
		if b != nil && b.group == q.group {
			return b
		}
	}
	return &bucket{quota: q, tokens: max(1, d.share*q.burst), at: d.loop.Now()}
}

// takeQuota takes one call of the action out of its bucket; false says that AWS would throttle it.
func (d *Door) takeQuota(action string) bool {
	b, known := d.buckets[action]
	if !known {
		b = d.bucket(action)
		d.buckets[action] = b
	}
	if b == nil {
		return true
	}
	now, burst := d.loop.Now(), max(1, d.share*b.burst)
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*b.rate*d.share)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
