package dynamodb

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Codes of a transaction's cancellation reasons.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	reasonNone       = "None"
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonValidation = "ValidationError"
)

var reasonTexts = map[string]string{
	reasonCondition:  "The conditional request failed",
	reasonConflict:   "Transaction is ongoing for the item",
	reasonValidation: "Item size to update has exceeded the maximum allowed size",
}

// invalid is how the service answers a request that it cannot read. The SDK has no type for it.
func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// unknown answers a parameter or an expression that this table does not simulate.
func unknown(what string) error {
	return invalid("the simulated table does not know %s", what)
}

func noTable(name string) error {
	return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Table: " + name + " not found")}
}

// Canceled returns the answer to a transaction that was canceled, with one code an item in the order of the items,
// for whoever draws faults: Canceled("TransactionConflict", "None").
func Canceled(codes ...string) error {
	reasons := make([]types.CancellationReason, len(codes))
	for i, code := range codes {
		reasons[i].Code = aws.String(code)
		if text := reasonTexts[code]; text != "" {
			reasons[i].Message = aws.String(text)
		}
	}
	return &types.TransactionCanceledException{
		Message:             aws.String("Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]"),
		CancellationReasons: reasons,
	}
}
