
-- Records redemptions, all of them or none, where nothing speaks against them: no reference is known, every code lives, every
-- counter has room for all of them with whatever is held counted in, and the definitions are the ones that were priced. Says
-- whether it did; if not, nothing was written, and the statements of the careful path find out why.
--
-- One call, so one round trip: the locks of a counter that everybody wants are not held while the next statement travels.
-- Each statement in here sees what was committed before it began, and what it waited for.
--
--   items        [{reference, currency, payable, document, uses: [{coupon, part, code, revision, units, discount,
--                third_party}], customers: [customer]}]
--   codes        [{coupon, code, reference, customers: [customer], holder}] that were issued, by code; with a holder for those
--                that are bound where they belong to nobody
--   counters     [{owner, code, customer, kind, amount, most}], in the order in which all lock them
--   definitions  [{coupon, revision}]
CREATE FUNCTION coupon_commit(
    shop text, at bigint, items jsonb, codes jsonb, counters jsonb, definitions jsonb
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    item      record;
    found_of  text;
    recorded  bigint;
BEGIN
    WITH item AS MATERIALIZED (
        SELECT i.*, nextval('coupon_place') AS place
        FROM jsonb_to_recordset(items) AS i (
            reference text, currency text, payable bigint, document text, uses jsonb, customers jsonb)
    ),
    record AS (
        -- Changes of types have their places from the same sequence: those before this one were recorded before it.
        INSERT INTO coupon_redemption (
            namespace, reference, state, place, recorded_at, types_before, currency, payable, document)
        SELECT shop, i.reference, 2, i.place, at, i.place, i.currency, i.payable, i.document FROM item i
        ON CONFLICT (namespace, reference) DO NOTHING
        RETURNING 1
    ),
    used AS (
        INSERT INTO coupon_use (
            namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
        SELECT shop, u.coupon, i.place, u.part, i.reference, u.code, u.revision, u.units, i.currency, u.discount,
               u.third_party
        FROM item i CROSS JOIN jsonb_to_recordset(i.uses) AS u (
            part bigint, coupon text, code text, revision bigint, units bigint, discount bigint, third_party bigint)
    ),
    past AS (
        INSERT INTO coupon_history (namespace, customer, place, reference)
        SELECT shop, k.customer, i.place, i.reference
        FROM item i CROSS JOIN jsonb_array_elements_text(i.customers) AS k (customer)
    )
    SELECT count(*) INTO recorded FROM record;
    IF recorded <> jsonb_array_length(items) THEN
        RAISE EXCEPTION USING ERRCODE = 'CP001';
    END IF;

    IF codes <> '[]' THEN
        FOR item IN
            SELECT * FROM jsonb_to_recordset(codes) AS c (
                coupon text, code text, reference text, customers jsonb, holder text)
        LOOP
            IF item.holder IS NULL THEN
                SELECT holder INTO found_of FROM coupon_code
                WHERE namespace = shop AND code = item.code AND coupon = item.coupon AND standing = 2 AND revocation IS NULL
                FOR SHARE;
            ELSE
                SELECT holder INTO found_of FROM coupon_code
                WHERE namespace = shop AND code = item.code AND coupon = item.coupon AND standing = 2 AND revocation IS NULL
                FOR NO KEY UPDATE;
            END IF;
            IF NOT FOUND OR (found_of IS NOT NULL AND NOT item.customers ? found_of) THEN
                RAISE EXCEPTION USING ERRCODE = 'CP001';
            END IF;
            IF found_of IS NULL AND item.holder IS NOT NULL THEN
                UPDATE coupon_code SET holder = item.holder WHERE namespace = shop AND code = item.code;
                UPDATE coupon_redemption SET bound = (coalesce(bound, '[]')::jsonb || to_jsonb(item.code))::text
                WHERE namespace = shop AND reference = item.reference;
            END IF;
        END LOOP;
    END IF;

    FOR item IN
        SELECT * FROM jsonb_to_recordset(counters) AS c (
            owner text, code text, customer text, kind text, amount bigint, most bigint)
    LOOP
        UPDATE coupon_counter SET used = used + item.amount
        WHERE namespace = shop AND owner = item.owner AND code = item.code AND customer = item.customer
          AND kind = item.kind AND item.amount <= item.most - used - held;
        CONTINUE WHEN FOUND;
        INSERT INTO coupon_counter AS n (namespace, owner, code, customer, kind, used)
        VALUES (shop, item.owner, item.code, item.customer, item.kind, item.amount)
        ON CONFLICT (namespace, owner, code, customer, kind) DO UPDATE SET used = n.used + excluded.used
        WHERE excluded.used <= item.most - n.used - n.held;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'CP001';
        END IF;
    END LOOP;

    -- Last, so that whoever waits for a counter keeps no edit waiting: a stream of checkouts would let none through.
    FOR item IN SELECT * FROM jsonb_to_recordset(definitions) AS d (coupon text, revision bigint) LOOP
        PERFORM FROM coupon_definition
        WHERE namespace = shop AND coupon = item.coupon AND revision = item.revision AND active = 1
        FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'CP001';
        END IF;
    END LOOP;
    RETURN TRUE;
EXCEPTION WHEN SQLSTATE 'CP001' THEN
    RETURN FALSE;
END $$;

-- Locks the rows of a step, always in this order: the reference, codes, counters, definitions, customers, accounts of points;
-- each kind in the order of its keys. Rows of references, counters, customers and accounts are made where there are none.
-- What the reference holds already is locked with it. Every statement here sees what was committed before it, so that what
-- was waited for is seen.
--
-- Without a reference it locks the rest.
CREATE FUNCTION coupon_lock(
    shop text, referred text, coupons jsonb, codes jsonb, counters jsonb, customers jsonb, accounts jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
BEGIN
    -- A release that was waited for has taken the row away.
    WHILE referred IS NOT NULL LOOP
        INSERT INTO coupon_redemption (namespace, reference, state, currency, payable, document)
        VALUES (shop, referred, 0, '', 0, '{}')
        ON CONFLICT (namespace, reference) DO NOTHING;
        PERFORM FROM coupon_redemption r WHERE r.namespace = shop AND r.reference = referred FOR UPDATE;
        EXIT WHEN FOUND;
    END LOOP;
    FOR wanted IN SELECT t.k COLLATE "C" AS k FROM jsonb_array_elements_text(codes) AS t (k) ORDER BY 1 LOOP
        PERFORM FROM coupon_code c WHERE c.namespace = shop AND c.code = wanted.k FOR NO KEY UPDATE;
    END LOOP;
    FOR wanted IN
        SELECT w.owner COLLATE "C" AS owner, w.code COLLATE "C" AS code, w.customer COLLATE "C" AS customer,
               w.kind COLLATE "C" AS kind
        FROM jsonb_to_recordset(counters) AS w (owner text, code text, customer text, kind text)
        UNION
        SELECT p.owner, p.code, p.customer, p.kind
        FROM coupon_part p WHERE p.namespace = shop AND p.reference = referred
        ORDER BY 1, 2, 3, 4
    LOOP
        -- Where a customer is forgotten, the row that was waited for has another name.
        LOOP
            PERFORM FROM coupon_counter n
            WHERE n.namespace = shop AND n.owner = wanted.owner AND n.code = wanted.code AND n.customer = wanted.customer
              AND n.kind = wanted.kind
            FOR NO KEY UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO coupon_counter (namespace, owner, code, customer, kind)
            VALUES (shop, wanted.owner, wanted.code, wanted.customer, wanted.kind)
            ON CONFLICT (namespace, owner, code, customer, kind) DO NOTHING;
        END LOOP;
    END LOOP;
    -- After the counters, as in coupon_commit.
    FOR wanted IN
        SELECT t.k COLLATE "C" AS k FROM jsonb_array_elements_text(coupons) AS t (k)
        UNION
        -- An edit that adds a limit counts what the reference holds, whatever that becomes here.
        SELECT (c.value ->> 'coupon') COLLATE "C"
        FROM coupon_redemption r
        CROSS JOIN jsonb_array_elements(CASE WHEN r.state = 1 THEN r.document::jsonb -> 'coupons' END) AS c (value)
        WHERE r.namespace = shop AND r.reference = referred
        ORDER BY 1
    LOOP
        PERFORM FROM coupon_definition d WHERE d.namespace = shop AND d.coupon = wanted.k FOR KEY SHARE;
    END LOOP;
    -- Counters that such an edit gave the hold until a moment ago; all others are locked already.
    PERFORM FROM coupon_counter n
    WHERE n.namespace = shop AND (n.owner, n.code, n.customer, n.kind) IN (
        SELECT p.owner, p.code, p.customer, p.kind FROM coupon_part p WHERE p.namespace = shop AND p.reference = referred
    )
    ORDER BY n.owner, n.code, n.customer, n.kind
    FOR NO KEY UPDATE;
    FOR wanted IN SELECT t.k COLLATE "C" AS k FROM jsonb_array_elements_text(customers) AS t (k) ORDER BY 1 LOOP
        LOOP
            INSERT INTO coupon_customer (namespace, customer) VALUES (shop, wanted.k)
            ON CONFLICT (namespace, customer) DO NOTHING;
            PERFORM FROM coupon_customer c WHERE c.namespace = shop AND c.customer = wanted.k FOR NO KEY UPDATE;
            EXIT WHEN FOUND;
        END LOOP;
    END LOOP;
    FOR wanted IN
        SELECT t.k COLLATE "C" AS k FROM jsonb_array_elements_text(accounts) AS t (k)
        UNION
        SELECT h.account FROM coupon_points_hold h WHERE h.namespace = shop AND h.reference = referred
        ORDER BY 1
    LOOP
        LOOP
            INSERT INTO coupon_points (namespace, account) VALUES (shop, wanted.k)
            ON CONFLICT (namespace, account) DO NOTHING;
            PERFORM FROM coupon_points n WHERE n.namespace = shop AND n.account = wanted.k FOR NO KEY UPDATE;
            EXIT WHEN FOUND;
        END LOOP;
    END LOOP;
END
$$;
