-- Run by the postgres image when the volume is still empty.
CREATE TABLE orders (
    id        text PRIMARY KEY,
    sku       text NOT NULL,
    status    text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'packed')),
    placed_at timestamptz NOT NULL DEFAULT now(),
    packed_at timestamptz
);

-- The worker looks for orders that nobody packed.
CREATE INDEX orders_to_pack ON orders (placed_at) WHERE status = 'placed';
