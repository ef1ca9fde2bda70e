package s3

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Handle answers an SDK input; known is false where the operation is not simulated.
func (s *Storage) Handle(ctx context.Context, params any) (out any, known bool, err error) {
	in, known := params.(*sdk.GetObjectInput)
	if !known {
		return nil, false, nil
	}
	out, err = s.GetObject(ctx, in)
	return out, true, err
}
