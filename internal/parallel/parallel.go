// SPDX-License-Identifier: Apache-2.0

package parallel

import (
	"errors"
	"fmt"
	"sync"
)

// First calls do for all items at once, and returns the first error: later ones may
// only be its consequences.
func First[X any](items []X, do func(X) error) error {
	errs := make(chan error, len(items))
	for _, item := range items {
		go func() { errs <- do(item) }()
	}
	var err error
	for range items {
		if e := <-errs; err == nil {
			err = e
		}
	}
	return err
}

// Do calls do for each item at once, and returns all errors. A panic in one of them
// becomes an error, because the others must still be tried.
func Do[X any](items []X, do func(X) error) error {
	errs := make([]error, len(items))
	var wg sync.WaitGroup
	for i, item := range items {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("panic: %v", r)
				}
			}()
			errs[i] = do(item)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Map calls a function for each item at once, and returns what they return, in the order
// of the items.
func Map[X, Y any](items []X, of func(X) Y) ([]Y, error) {
	all, indexes := make([]Y, len(items)), make([]int, len(items))
	for i := range indexes {
		indexes[i] = i
	}
	err := Do(indexes, func(i int) error {
		all[i] = of(items[i])
		return nil
	})
	return all, err
}
