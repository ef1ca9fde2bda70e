package price

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// Usage counts what AWS bills, in the units it bills.
type Usage struct {
	Transitions   float64 // Step Functions Standard state transitions, retries included
	Invocations   float64 // Lambda requests
	GBSeconds     float64 // Lambda memory times duration
	Writes        float64 // DynamoDB write request units
	Reads         float64 // DynamoDB read request units
	MetricsRead   float64 // metrics asked of GetMetricData
	MetricPuts    float64 // PutMetricData requests
	Publishes     float64 // SNS
	CustomEvents  float64 // EventBridge
	QueueRequests float64 // SQS
}

// Invoke counts one invocation of a function.
func (u *Usage) Invoke(duration time.Duration, memory MB) {
	const mbInGB = 1024
	u.Invocations++
	u.GBSeconds += duration.Seconds() * float64(memory) / mbInGB
}

// MB is memory in binary megabytes, as Lambda counts it.
type MB int

// Call counts one API call. in is the SDK's input; where it is nil or of another type the call counts as the smallest
// of its kind. Calls of services that bill nothing for them (ECS, ECR, Application Auto Scaling, SSM standard
// parameters, CloudWatch's alarms) count nothing, nor do DynamoDB's: what they cost depends on the items that are there,
// which only the table knows.
func (u *Usage) Call(action string, in any) {
	switch action {
	case "cloudwatch:GetMetricData":
		u.MetricsRead += metricsIn(in)
	case "cloudwatch:PutMetricData":
		u.MetricPuts++
	case "sns:Publish":
		u.Publishes++
	case "events:PutEvents":
		u.CustomEvents++
	case "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues":
		u.QueueRequests++
	}
}

// Add adds another usage.
func (u *Usage) Add(other Usage) {
	u.Transitions += other.Transitions
	u.Invocations += other.Invocations
	u.GBSeconds += other.GBSeconds
	u.Writes += other.Writes
	u.Reads += other.Reads
	u.MetricsRead += other.MetricsRead
	u.MetricPuts += other.MetricPuts
	u.Publishes += other.Publishes
	u.CustomEvents += other.CustomEvents
	u.QueueRequests += other.QueueRequests
}

func metricsIn(in any) float64 {
	if input, ok := in.(*cloudwatch.GetMetricDataInput); ok && input != nil {
		return float64(max(1, len(input.MetricDataQueries)))
	}
	return 1
}
