//! All promises by name: what makes a test of each, and what runs them one by one.

/// Hands every promise to another macro: one place that names them all.
#[doc(hidden)]
#[macro_export]
macro_rules! __promises {
    ($then:ident $(, $with:ty)?) => {
        $crate::$then! {
            $($with)?;
            repeats::a_repeat_is_the_same_redemption,
            repeats::a_repeat_outlasts_the_definition,
            repeats::other_content_is_different,
            repeats::a_claim_is_not_an_order,
            repeats::calls_in_the_wrong_order_do_no_harm,
            repeats::the_usage_log_tells_all,
            limits::a_one_time_code_is_used_once,
            limits::a_look_takes_nothing,
            limits::every_limit_has_its_counter,
            limits::a_limit_belongs_to_what_it_names,
            limits::an_unlimited_coupon_touches_no_counter,
            limits::a_code_is_one_in_every_spelling,
            limits::formats_are_not_mixed_up,
            limits::a_customer_is_known_by_any_key,
            limits::a_guest_cannot_pass_a_limit_per_customer,
            limits::a_first_order_is_claimed_once,
            limits::a_budget_is_never_overshot,
            limits::a_budget_that_refuses_gives_all_or_nothing,
            limits::what_gave_nothing_is_not_counted,
            limits::all_or_none,
            limits::a_refusal_leaves_the_handle_usable,
            limits::a_limit_added_later_counts_earlier_uses,
            holds::a_hold_stands_for_others_only,
            holds::a_changed_basket_replaces_its_own_hold,
            holds::a_refused_change_keeps_the_hold,
            holds::a_lapsed_hold_is_never_in_the_way,
            holds::lapsed_holds_make_room,
            holds::a_commit_after_a_lapse_takes_again_or_refuses,
            holds::reserving_again_extends,
            holds::a_release_frees_once,
            holds::a_hold_ends_with_the_window,
            holds::the_total_is_the_one_that_was_seen,
            holds::a_raised_limit_takes_nothing_from_a_hold,
            holds::another_code_is_priced_by_what_is_left,
            terms::a_revised_definition_is_stale,
            terms::a_live_hold_pins_its_terms,
            terms::a_lapsed_hold_pins_nothing,
            terms::a_hold_pins_only_what_it_holds,
            terms::deactivating_spares_live_holds,
            terms::killing_spares_nothing,
            terms::revoking_spares_nothing,
            terms::what_is_not_defined_is_refused,
            terms::a_countdown_is_guarded_at_commit,
            customers::a_claim_gives_the_type_for_good,
            customers::a_bearer_code_is_bound_when_it_is_committed,
            customers::a_personal_code_is_its_holders,
            customers::a_code_for_many_is_bound_to_nobody,
            customers::a_type_needs_somebody,
            types::types_are_recorded_once,
            types::memberships_stand_side_by_side,
            types::types_are_turned_back_by_policy,
            types::a_year_is_added_to_a_year,
            types::a_primary_type_is_changed_from_what_it_is,
            types::types_are_in_nobodys_way,
            types::a_type_is_for_somebody,
            types::the_customers_of_a_type_are_found,
            voids::a_void_keeps_the_use,
            voids::a_voided_reference_cannot_be_recorded_again,
            voids::a_void_can_give_the_use_back,
            voids::a_void_can_revert_the_type,
            changes::a_change_is_made_once,
            changes::a_change_passes_no_limit,
            allowances::an_order_without_a_coupon_is_counted,
            allowances::a_look_at_an_allowance_takes_nothing,
            allowances::holds_take_from_allowances,
            allowances::a_committed_hold_counts_once,
            allowances::a_void_keeps_or_gives_back,
            allowances::rolling_days_go_with_the_purchase,
            allowances::an_allowance_is_counted_in_its_own_window,
            allowances::a_shared_allowance_in_a_race,
            accounts::points_are_credited_once,
            accounts::points_are_spent_once,
            accounts::a_void_moves_points_back,
            accounts::returns_move_points_once,
            accounts::an_account_in_a_race,
            accounts::an_amendment_moves_points_by_the_difference,
            payment::a_payment_is_captured_only_with_its_redemption,
            transactions::what_is_committed_with_the_order_stays,
            transactions::a_rollback_leaves_nothing,
            transactions::a_refusal_leaves_the_transaction_usable,
            definitions::a_definition_is_stored_once,
            definitions::no_edit_is_lost,
            definitions::one_edit_wins_in_a_race,
            definitions::the_audit_log_says_who_changed_what,
            definitions::a_replaced_code_is_free,
            definitions::definitions_are_listed_by_id,
            definitions::a_limit_added_in_a_race_misses_nobody,
            issuing::codes_are_issued_all_or_none,
            issuing::one_code_for_each_occasion,
            issuing::one_code_for_an_occasion_in_a_race,
            issuing::the_limit_on_codes_in_a_race,
            issuing::a_batch_is_exported_once,
            issuing::one_export_in_a_race,
            issuing::what_is_withdrawn_stays_withdrawn,
            issuing::imported_uses_count,
            issuing::a_code_is_looked_up,
            issuing::codes_are_listed_by_text,
            issuing::wrong_codes_count_as_guesses,
            logs::everything_is_in_the_log_once,
            logs::a_customers_records_are_found_by_any_key,
            shops::shops_know_nothing_of_each_other,
            life::a_purge_takes_lapsed_holds_in_steps,
            life::a_purge_of_records_keeps_the_counters,
            life::a_purge_is_in_nobodys_way,
            life::a_forgotten_customer_leaves_the_figures,
            races::a_thousand_of_five_thousand,
            races::the_books_are_right_after_a_race,
            races::one_first_order_in_a_race,
            races::sixteen_years_in_a_race,
            races::two_coupons_in_opposite_order,
        }
    };
}

/// Makes a test of every promise, for a [`Rig`](crate::store::conformance::Rig).
///
/// ```text
/// mod memory {
///     vouchsafe::conformance!(super::Memory);
/// }
/// ```
#[macro_export]
macro_rules! conformance {
    ($rig:ty) => {
        $crate::__promises! { __tests, $rig }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($rig:ty; $($room:ident::$promise:ident,)+) => {
        $(
            #[test]
            fn $promise() {
                if let Some(rig) = <$rig as $crate::store::conformance::Rig>::fresh() {
                    $crate::store::conformance::$room::$promise(rig);
                }
            }
        )+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    (; $($room:ident::$promise:ident,)+) => {
        vec![$(named(concat!(stringify!($room), "::", stringify!($promise)), super::$room::$promise::<R>),)+]
    };
}

/// What tries one promise on a fresh store, and panics where it is broken.
pub type Promise<R> = fn(R);

/// Every promise with its name, for a harness of your own.
#[must_use]
pub fn promises<R: super::Rig>() -> Vec<(&'static str, Promise<R>)> {
    crate::__promises! { __list }
}

fn named<R: super::Rig>(name: &'static str, promise: Promise<R>) -> (&'static str, Promise<R>) {
    (name, promise)
}
