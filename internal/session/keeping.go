// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"strings"
	"time"
)

// ReadKeeping reads what SEATRIAL_KEEP can say, from elsewhere: it returns for how long what
// has failed, and what has not, is to be kept; 0 is not at all.
func ReadKeeping(value string) (failed, fine time.Duration, err error) {
	k, err := readKeeping(value)
	return k.time(true), k.time(false), err
}

// keeping is what SEATRIAL_KEEP says: which tests' resources are kept, and for how long.
type keeping struct {
	which string // failed, all or nothing
	span  time.Duration
}

const keepStandard = 4 * time.Hour

func readKeeping(value string) (keeping, error) {
	which, span, timed := strings.Cut(value, ":")
	k := keeping{which, keepStandard}
	if which != "" && which != "failed" && which != "all" {
		return k, fmt.Errorf("%q is not failed, all, or one of these with a time: failed:30m", value)
	}
	if timed {
		var err error
		if k.span, err = time.ParseDuration(span); err != nil || k.span <= 0 {
			return k, fmt.Errorf("%q: %q is not a time like 30m", value, span)
		}
	}
	return k, nil
}

// time returns for how long what a test made is to be kept; 0 is not at all.
func (k keeping) time(failed bool) time.Duration {
	if k.which == "all" || k.which == "failed" && failed {
		return k.span
	}
	return 0
}
