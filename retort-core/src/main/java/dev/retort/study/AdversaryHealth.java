package dev.retort.study;

import org.jspecify.annotations.Nullable;

/**
 * What one discriminator does on validation images after an epoch; an observer's is one too. Null
 * where undefined.
 *
 * @param pTeacher the mean of σ(D) on the teacher's representations, in [0, 1]
 * @param pStudent the mean of σ(D) on the student's, in [0, 1]
 * @param jsdLowerBound log 2 − BCE(D) in nats: a lower bound of the Jensen–Shannon divergence of
 *     the two; negative for a D worse than none
 * @param accuracy the share of representations of both that D assigns rightly, in [0, 1]; null for
 *     a D of which only differences mean something (relativistic, wasserstein-gp)
 * @param auc the probability that D ranks a teacher's above a student's, of the same image or
 *     another, in [0, 1]
 * @param logitDifference the mean of D's raw logit on the teacher's less that on the student's
 * @param gradientRatio the norm of the adversary's gradient over that of the rest of the loss, both
 *     at the student's representation, before any connector or encoding
 * @param boundedShare the share of the steps at which the weight was at the upper bound of a
 *     balance by gradients, in [0, 1]; null for another balance, and in records of earlier builds
 */
public record AdversaryHealth(
    @Nullable Double pTeacher,
    @Nullable Double pStudent,
    @Nullable Double jsdLowerBound,
    @Nullable Double accuracy,
    @Nullable Double auc,
    @Nullable Double logitDifference,
    @Nullable Double gradientRatio,
    @Nullable Double boundedShare) {
  public AdversaryHealth {
    pTeacher = StudyJson.finiteOrNull(pTeacher);
    pStudent = StudyJson.finiteOrNull(pStudent);
    jsdLowerBound = StudyJson.finiteOrNull(jsdLowerBound);
    accuracy = StudyJson.finiteOrNull(accuracy);
    auc = StudyJson.finiteOrNull(auc);
    logitDifference = StudyJson.finiteOrNull(logitDifference);
    gradientRatio = StudyJson.finiteOrNull(gradientRatio);
    boundedShare = StudyJson.finiteOrNull(boundedShare);
  }
}
