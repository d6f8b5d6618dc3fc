-- Specifications are rows with a name, a value and a unit. What stood as one text becomes the first row; products.specifications stays empty from here on.
CREATE TABLE product_specifications (
  id          {identity},
  product_id  BIGINT NOT NULL,
  position    INT NOT NULL,
  name        {text(80)} NOT NULL,
  value       {longtext} NOT NULL,
  unit        {text(16)} NULL
);
CREATE UNIQUE INDEX ux_product_specifications_position ON product_specifications (product_id, position);

INSERT INTO product_specifications (product_id, position, name, value)
SELECT p.id, 1, 'Specification', p.specifications FROM products p
WHERE p.specifications IS NOT NULL AND p.specifications <> '' AND NOT EXISTS (SELECT 1 FROM product_specifications x WHERE x.product_id = p.id);

UPDATE products SET specifications = NULL WHERE specifications IS NOT NULL;
